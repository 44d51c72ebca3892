/** The badge at the foot of the page: the product's name, and on a click which version it is. */
import { buildSha } from './build-information.ts';
import { find } from './elements.ts';

const PRODUCT = 'Kolabpad';

export function installVersion(): void {
  const badge = find('version', HTMLButtonElement);
  const version = buildSha === '' ? 'Development' : buildSha;
  badge.addEventListener('click', () => {
    badge.textContent = badge.textContent === PRODUCT ? `${PRODUCT} ${version}` : PRODUCT;
  });
}
