/** Errors as answers: a page for people, JSON for programs. */

export type ErrorPage = {
  readonly status: number;
  readonly title: string;
  readonly message: string;
  /** Shown, so that somebody who reports the error can name it. */
  readonly requestId?: string;
};

/** A whole page without style or script, so that any content security policy allows it. */
export const renderErrorPage = ({ status, title, message, requestId }: ErrorPage): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)}</title>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(message)}</p>
<p><small>Error ${status}${requestId === undefined ? '' : `, request <code>${escapeHtml(requestId)}</code>`}</small></p>
</main>
</body>
</html>
`;

export type ErrorFacts = {
  /** Stable, for programs: `DOCUMENT_NOT_FOUND`. */
  readonly code: string;
  /** A sentence for people. */
  readonly message: string;
  readonly hint?: string;
  readonly requestId?: string;
  readonly retryAfterSec?: number;
};

/** What is sent as JSON. */
export type ErrorBody = { readonly error: ErrorFacts };

/** Only the named facts: whatever else an error carries stays here. */
export const errorBody = ({ code, message, hint, requestId, retryAfterSec }: ErrorFacts): ErrorBody => ({
  error: {
    code,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(retryAfterSec === undefined ? {} : { retryAfterSec }),
  },
});

/** Whether the Accept header asks for a page more than for JSON. A program that takes anything gets JSON. */
export const prefersHtml = (accept: string | undefined): boolean => {
  const qualityOf = (...types: readonly string[]): number =>
    Math.max(0, ...mediaRanges(accept ?? '').flatMap(({ type, quality }) => (types.includes(type) ? [quality] : [])));
  const html = qualityOf('text/html', 'application/xhtml+xml');
  return html > 0 && html >= qualityOf('application/json', 'application/problem+json');
};

const mediaRanges = (accept: string): { readonly type: string; readonly quality: number }[] =>
  accept.split(',').map((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    return { type, quality: quality === undefined ? 1 : Number(quality) || 0 };
  });

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
