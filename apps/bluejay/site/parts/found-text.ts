/** An excerpt with what was found in it marked. */
import { html, type Html } from '../../html/html.ts';

/** @param excerpt with [[ and ]] around each word that was found */
export const foundText = (excerpt: string): Html =>
  html`${excerpt.split('[[').map((part, index) => {
    const [word = '', ...rest] = part.split(']]');
    return index === 0 || rest.length === 0 ? html`${part}` : html`<mark>${word}</mark>${rest.join(']]')}`;
  })}`;
