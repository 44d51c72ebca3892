/** Starts the page: what belongs to the page itself once, and a pad for the document that the address names. */
import { randomDocumentId } from '../domain/document-names.ts';
import { parseHash, renderHash } from './address.ts';
import { installDrawer } from './drawer.ts';
import { find } from './elements.ts';
import { log } from './log.ts';
import { openPad, type Pad } from './pad.ts';
import { installTheme, type Theme } from './theme.ts';
import { installVersion } from './version.ts';

let pad: Pad | null = null;
let theme: Theme = 'light';

installDrawer();
installVersion();
installTheme((chosen) => {
  theme = chosen;
  pad?.setTheme(chosen);
});
find('skip-to-text', HTMLElement).addEventListener('click', (event) => {
  // The hash is the document's name: a link to #editor would open another one.
  event.preventDefault();
  pad?.focus();
});
for (const id of ['home', 'authentication-home'])
  find(id, HTMLElement).addEventListener('click', (event) => {
    event.preventDefault();
    location.hash = '';
  });
addEventListener('hashchange', start);
start();

/** Tears down what there was, and starts fresh. */
function start(): void {
  pad?.close();
  let address = parseHash(location.hash);
  if (address === null) {
    address = { id: randomDocumentId((bytes) => crypto.getRandomValues(bytes)), token: null };
    history.replaceState(null, '', renderHash(address));
  }
  log.info('pad.opened');
  pad = openPad(address, { theme, reopen: start });
}
