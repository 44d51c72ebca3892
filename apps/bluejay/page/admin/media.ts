/** The library's screens: files that are dropped or sent one by one, the focal point by click, a question before deleting. */
import { csrfToken, element } from './element.ts';

export const startMedia = (root: ParentNode): void => {
  for (const form of root.querySelectorAll<HTMLFormElement>('[data-media-form]')) startUpload(form);
  for (const picture of root.querySelectorAll<HTMLElement>('[data-focal]')) startFocalPoint(picture);
  for (const form of root.querySelectorAll<HTMLFormElement>('form[data-confirm]'))
    form.addEventListener('submit', (event) => {
      // oxlint-disable-next-line no-alert -- the browser's own question works with every keyboard and screen reader.
      if (!globalThis.confirm(form.dataset['confirm'])) event.preventDefault();
    });
};

/** Each file is a request of its own: one that fails does not take the others with it, and each says how far it is. */
const startUpload = (form: HTMLFormElement): void => {
  const input = form.querySelector<HTMLInputElement>('input[type="file"]');
  const alt = form.querySelector<HTMLInputElement>('input[name="alt"]');
  const drop = form.querySelector<HTMLElement>('[data-media-drop]');
  const outcomes = form.querySelector<HTMLElement>('[data-media-outcomes]');
  const button = form.querySelector<HTMLButtonElement>('button[type="submit"]');
  if (input === null || drop === null || outcomes === null || button === null) return;

  for (const name of ['dragenter', 'dragover'])
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add('is-over');
    });
  for (const name of ['dragleave', 'drop']) drop.addEventListener(name, () => drop.classList.remove('is-over'));
  drop.addEventListener('drop', (event) => {
    event.preventDefault();
    if (event.dataTransfer !== null && event.dataTransfer.files.length > 0) input.files = event.dataTransfer.files;
    input.focus();
  });

  form.addEventListener('submit', (event) => {
    const files = [...(input.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    button.disabled = true;
    outcomes.replaceChildren();
    void sendAll(files, { outcomes, alt: files.length === 1 ? (alt?.value ?? '') : '' }).then((places) => {
      button.disabled = false;
      input.value = '';
      // Whoever has something to read stays; otherwise on to what the form without a script leads to.
      if (places.length === files.length)
        globalThis.location.assign(places.length === 1 ? (places[0] ?? '') : `/admin/media?uploaded=${places.length}`);
    });
  });
};

/** Gives the addresses of those that were taken. */
const sendAll = async (
  files: readonly File[],
  { outcomes, alt }: { readonly outcomes: HTMLElement; readonly alt: string },
): Promise<readonly string[]> => {
  const places: string[] = [];
  for (const file of files) {
    const meter = element('progress', { max: '1', 'aria-label': `Upload of ${file.name}` });
    const line = element('li', {}, element('span', { class: 'media-name', text: file.name }), ' ', meter);
    outcomes.append(line);
    const outcome = await sendOne(file, alt, (part) => {
      meter.value = part;
    });
    meter.remove();
    if (outcome.place === undefined) line.append(element('strong', { class: 'field-problem', text: outcome.message }));
    else {
      places.push(outcome.place);
      line.append(element('a', { href: outcome.place, text: 'uploaded' }));
    }
  }
  return places;
};

type Outcome = { readonly place?: string; readonly message: string };

/** XMLHttpRequest: `fetch` does not say how much of a body is sent. */
const sendOne = (file: File, alt: string, onProgress: (part: number) => void): Promise<Outcome> =>
  new Promise((resolve) => {
    const body = new FormData();
    // Before the file: it is read in this order.
    body.append('alt', alt);
    body.append('files', file);
    const request = new XMLHttpRequest();
    request.open('POST', '/admin/media/upload');
    request.setRequestHeader('Accept', 'application/json');
    request.setRequestHeader('X-CSRF-Token', csrfToken());
    request.upload.addEventListener('progress', ({ loaded, total }) => onProgress(loaded / total));
    request.addEventListener('load', () => resolve(outcomeOf(request)));
    for (const name of ['error', 'abort', 'timeout'])
      request.addEventListener(name, () => resolve({ message: 'The connection broke. Try it again.' }));
    request.send(body);
  });

const outcomeOf = ({ status, responseText }: XMLHttpRequest): Outcome => {
  try {
    const answer = JSON.parse(responseText) as {
      readonly files?: readonly { readonly edit: string }[];
      readonly errors?: readonly { readonly message: string }[];
      readonly error?: string;
    };
    const place = answer.files?.[0]?.edit;
    const message = answer.errors?.[0]?.message ?? answer.error ?? `The server answered ${status}.`;
    return place === undefined ? { message } : { place, message };
  } catch {
    return { message: `The server answered ${status}.` };
  }
};

/** A click into the picture, and the two numbers, are the same thing. */
const startFocalPoint = (picture: HTMLElement): void => {
  const image = picture.querySelector('img');
  const [vertical, horizontal] = picture.querySelectorAll('line');
  const x = document.querySelector<HTMLInputElement>('#focal-x');
  const y = document.querySelector<HTMLInputElement>('#focal-y');
  if (image === null || x === null || y === null) return;
  const show = (): void => {
    for (const end of ['x1', 'x2']) vertical?.setAttribute(end, x.value);
    for (const end of ['y1', 'y2']) horizontal?.setAttribute(end, y.value);
  };
  picture.classList.add('is-live');
  picture.addEventListener('click', (event) => {
    const box = image.getBoundingClientRect();
    x.value = percent((event.clientX - box.left) / box.width);
    y.value = percent((event.clientY - box.top) / box.height);
    show();
  });
  for (const input of [x, y]) input.addEventListener('input', show);
};

const percent = (part: number): string => String(Math.round(Math.min(1, Math.max(0, part)) * 100));
