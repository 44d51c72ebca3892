/** The script of pages with a rich text: loaded only there. */
import { startRichTexts } from './rich-text/rich-text-field.ts';

startRichTexts(document);
// A row of a child list that was added afterwards.
document.addEventListener('bluejay:row', (event) => {
  if (event.target instanceof Element) startRichTexts(event.target);
});
