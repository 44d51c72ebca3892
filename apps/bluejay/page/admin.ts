/** The panel in the browser: each part finds what it is for, or does nothing. Everything works without, only less quickly. */
import { startForm } from './admin/form.ts';
import { startKeyboard } from './admin/keyboard.ts';
import { startList } from './admin/list.ts';
import { startMedia } from './admin/media.ts';
import { startNavigation } from './admin/navigation.ts';
import { startPalette } from './admin/palette.ts';
import { startShell } from './admin/shell.ts';

startShell(document);
startPalette(document);
startKeyboard(document);
startList(document);
startNavigation(document);
startMedia(document);
startForm(document);
