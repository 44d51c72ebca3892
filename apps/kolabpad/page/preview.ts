/** Markdown as it will look, beside the text. What renders it is loaded when somebody asks for it. */
import { find } from './elements.ts';
import { log } from './log.ts';

export interface Preview {
  /** The row with the switch is there for Markdown alone. */
  setLanguage(languageId: string): void;
  textChanged(): void;
}

const RENDER_AFTER_MS = 150;

export function createPreview(text: () => string, signal: AbortSignal): Preview {
  const pane = find('preview', HTMLElement);
  const row = find('preview-row', HTMLElement);
  const toggle = find('preview-switch', HTMLButtonElement);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const isOn = (): boolean => !pane.hidden;

  const render = async (): Promise<void> => {
    try {
      const { renderMarkdown } = await import('./markdown.ts');
      if (isOn() && !signal.aborted) pane.replaceChildren(renderMarkdown(text()));
    } catch (cause) {
      log.error('preview.unavailable', { reason: String(cause) });
      pane.textContent = 'The preview could not be loaded.';
    }
  };
  const show = (wanted: boolean): void => {
    pane.hidden = !wanted;
    toggle.setAttribute('aria-checked', String(wanted));
    if (wanted) void render();
    else pane.replaceChildren();
  };
  toggle.addEventListener('click', () => show(!isOn()), { signal });
  signal.addEventListener('abort', () => clearTimeout(timer));
  show(false);

  return {
    setLanguage(languageId) {
      row.hidden = languageId !== 'markdown';
      if (row.hidden) show(false);
    },
    textChanged() {
      if (!isOn()) return;
      clearTimeout(timer);
      timer = setTimeout(() => void render(), RENDER_AFTER_MS);
    },
  };
}
