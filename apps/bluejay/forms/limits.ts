/** How often somebody may send a form of the site: messages and leads together, those that were refused for a mistake included. */
export const MOST_MESSAGES = 5;
export const WINDOW_MS = 3_600_000;
