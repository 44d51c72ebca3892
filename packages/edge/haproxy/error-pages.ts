/** Pages of the edge's own. They say what happened and nothing about what runs here. */
const page = (status: number, title: string, text: string): string =>
  `<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content="width=device-width"><title>${status} ${title}</title>` +
  `<body style="font:16px system-ui;margin:15vh auto;max-width:32em;padding:0 1em"><h1 style="font-size:1.3em">${title}</h1><p>${text}</p>`;

const PAGES: readonly { status: number; title: string; text: string; headers?: string }[] = [
  { status: 400, title: 'Bad request', text: 'The request could not be understood.' },
  { status: 403, title: 'Forbidden', text: 'This may not be asked for.' },
  { status: 404, title: 'Not found', text: 'There is nothing here.' },
  { status: 408, title: 'Request timeout', text: 'The request took too long to arrive.' },
  { status: 500, title: 'Something went wrong', text: 'Please try again.' },
  { status: 502, title: 'Something went wrong', text: 'The application did not answer properly. Please try again.' },
  {
    status: 503,
    title: 'One moment',
    text: 'The application is not available right now. Please try again in a few seconds.',
    headers: ' hdr retry-after 5',
  },
  { status: 504, title: 'That took too long', text: 'The application did not answer in time. Please try again.' },
];

/** For the `defaults` section: what HAProxy answers by itself. */
export const errorPages = (): readonly string[] =>
  PAGES.map(
    ({ status, title, text, headers = '' }) =>
      `http-error status ${status} content-type "text/html; charset=utf-8" string '${page(status, title, text)}'${headers} hdr cache-control no-store`,
  );

/** Rules that refuse a request: JSON for those that ask for it, plain text for others. */
export const refusal = (status: number, text: string, condition = '', header = ''): readonly string[] => {
  const conditions = condition.split(' || ');
  const extra = header === '' ? '' : ` hdr ${header}`;
  const plain = `http-request return status ${status} content-type "text/plain; charset=utf-8" string "${text}\\n"${extra}`;
  const json = `http-request return status ${status} content-type application/json string '{"error":"${text}"}'${extra}`;
  return conditions.flatMap((each) => {
    const when = each === '' ? '' : `${each} `;
    return [`${json} if ${when}{ req.hdr(accept) -m sub application/json }`, when === '' ? plain : `${plain} if ${when.trim()}`];
  });
};

/** The same in plain text alone, for what every request passes: each rule costs. */
export const plainRefusal = (status: number, text: string, condition: string): readonly string[] =>
  condition
    .split(' || ')
    .map(
      (when) => `http-request return status ${status} content-type "text/plain; charset=utf-8" string "${text}\\n" if ${when}`,
    );
