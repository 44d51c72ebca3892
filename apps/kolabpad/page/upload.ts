/** A file becomes the text: by the button, or dropped on the editor. */
import { confirmed } from './dialog.ts';
import { find } from './elements.ts';
import { showToast } from './toast.ts';

export type UploadTarget = {
  /** False while nothing can be written, as for a reader. */
  isWritable(): boolean;
  /** Whether there is a text that would be replaced. */
  isEmpty(): boolean;
  readonly maxBytes: number;
  replace(text: string, fileName: string): void;
};

export function installUpload(target: UploadTarget, signal: AbortSignal): void {
  const field = find('upload-file', HTMLInputElement);
  const stage = find('stage', HTMLElement);
  const hint = find('drop-hint', HTMLElement);

  find('upload', HTMLButtonElement).addEventListener('click', () => field.click(), { signal });
  field.addEventListener(
    'change',
    () => {
      const [file] = field.files ?? [];
      if (file !== undefined) void upload(file, target);
      // So that the same file can be chosen again.
      field.value = '';
    },
    { signal },
  );

  const bringsFile = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') === true;
  const showHint = (wanted: boolean): void => {
    stage.classList.toggle('is-dropping', wanted);
    hint.hidden = !wanted;
  };
  const options = { signal, capture: true };
  stage.addEventListener(
    'dragover',
    (event) => {
      if (!bringsFile(event)) return;
      // Else the browser leaves the page to show the file; a reader's browser, too.
      event.preventDefault();
      event.stopPropagation();
      if (event.dataTransfer !== null) event.dataTransfer.dropEffect = target.isWritable() ? 'copy' : 'none';
      showHint(target.isWritable());
    },
    options,
  );
  stage.addEventListener(
    'dragleave',
    (event) => {
      if (!(event.relatedTarget instanceof Node && stage.contains(event.relatedTarget))) showHint(false);
    },
    options,
  );
  stage.addEventListener(
    'drop',
    (event) => {
      if (!bringsFile(event)) return;
      event.preventDefault();
      event.stopPropagation();
      showHint(false);
      const [file] = event.dataTransfer?.files ?? [];
      if (file !== undefined && target.isWritable()) void upload(file, target);
    },
    options,
  );
}

async function upload(file: File, target: UploadTarget): Promise<void> {
  const refuse = (why: string): void => showToast({ text: `${file.name}: ${why}`, kind: 'error', durationMs: 6_000 });
  if (file.size > target.maxBytes) {
    refuse(`larger than the ${Math.floor(target.maxBytes / 1024)} KB that a document may have`);
    return;
  }
  const text = textOf(await file.arrayBuffer());
  if (text === null) {
    refuse('this is not a text file');
    return;
  }
  const yes =
    target.isEmpty() ||
    (await confirmed({
      title: 'Replace the text?',
      text: `What is in the document now is replaced by ${file.name}, for everybody. You can undo it.`,
      confirm: 'Replace it',
    }));
  if (yes && target.isWritable()) target.replace(text, file.name);
}

/** Null for what is not text in UTF-8 (a picture, a program). Line ends become those of the editor. */
export function textOf(bytes: ArrayBuffer): string | null {
  try {
    // Skips a byte order mark by itself.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.includes('\0') ? null : text.replace(/\r\n?/g, '\n');
  } catch (cause) {
    if (cause instanceof TypeError) return null;
    throw cause;
  }
}
