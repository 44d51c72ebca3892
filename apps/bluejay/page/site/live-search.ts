/** Results while one types. */

/** Long enough that a word is asked for once, not by each letter. */
const DEBOUNCE_MS = 300;

export const startLiveSearch = (root: ParentNode): void => {
  for (const form of root.querySelectorAll<HTMLFormElement>('form[data-live]')) start(form);
};

const start = (form: HTMLFormElement): void => {
  const target = document.getElementById(form.dataset['target'] ?? '');
  const input = form.querySelector<HTMLInputElement>('input[type="search"]');
  if (target === null || input === null) return;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking: AbortController | undefined;
  let shown = input.value.trim();

  const ask = async (): Promise<void> => {
    const words = input.value.trim();
    if (words === shown) return;
    shown = words;
    asking?.abort();
    if (words === '') {
      target.replaceChildren();
      return;
    }
    asking = new AbortController();
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === 'string') query.set(name, value);
    try {
      const address = `${form.dataset['live'] ?? form.action}?${query}`;
      const answer = await fetch(address, { headers: { 'HX-Request': 'true' }, signal: asking.signal });
      // The server's own fragment; its texts are escaped there.
      if (answer.ok) target.innerHTML = await answer.text();
    } catch (error) {
      // Newer words replaced the question, or there is no network: the form's button still works, and says so.
      if (!(error instanceof DOMException && error.name === 'AbortError')) target.replaceChildren();
    }
  };
  input.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), DEBOUNCE_MS);
  });
};
