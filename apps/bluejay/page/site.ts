/** Makes the public pages handier. Every page works without it. */
import { startCarousels } from './site/carousel.ts';
import { guardForms } from './site/guarded-form.ts';
import { startLiveForms } from './site/live-form.ts';
import { startLiveSearch } from './site/live-search.ts';
import { startMenus } from './site/menus.ts';
import { startSearchBox } from './site/search-box.ts';

startMenus(document);
startSearchBox(document);
startLiveSearch(document);
startCarousels(document);
guardForms(document);
startLiveForms(document);
