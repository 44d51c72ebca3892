/** What the build has put in; outside of it (in a test) the page is a development one. */
declare const BUILD_SHA: string;
declare const FRONTEND_LOG_LEVEL: 'debug' | 'info' | 'error';

/** Seven characters; empty when the page was built from no commit. */
export const buildSha: string = typeof BUILD_SHA === 'undefined' ? '' : BUILD_SHA;
export const logLevel = typeof FRONTEND_LOG_LEVEL === 'undefined' ? 'error' : FRONTEND_LOG_LEVEL;
