/** A dialog that asks for one line of text. */
import { element } from './element.ts';

export type Question = {
  readonly heading: string;
  readonly help: string;
  readonly value: string;
  /** What is wrong with an answer; undefined: nothing. */
  readonly check?: (answer: string) => string | undefined;
  /** Of the button that answers ''. */
  readonly clear?: string;
};

/** Resolves with the text, trimmed; undefined when it was closed without an answer. */
export const askText = async ({ heading, help, value, check, clear }: Question): Promise<string | undefined> => {
  const problem = element('p', { class: 'field-problem', role: 'alert' });
  const input = element('input', { type: 'text', value, autocomplete: 'off', 'aria-label': heading });
  const form = element(
    'form',
    { method: 'dialog' },
    element('h2', { text: heading }),
    input,
    element('p', { class: 'field-help', text: help }),
    problem,
    element(
      'p',
      { class: 'form-buttons' },
      element('button', { class: 'button button-primary', value: 'ok', text: 'OK' }),
      ...(clear === undefined ? [] : [element('button', { class: 'button', value: 'clear', text: clear })]),
      element('button', { type: 'button', class: 'button', text: 'Cancel', onclick: () => dialog.close('') }),
    ),
  );
  const dialog = element('dialog', { class: 'dialog', 'aria-label': heading }, form);
  form.addEventListener('submit', (event) => {
    const isClearing = event.submitter instanceof HTMLButtonElement && event.submitter.value === 'clear';
    const wrong = isClearing ? undefined : check?.(input.value.trim());
    if (wrong === undefined) return;
    event.preventDefault();
    problem.textContent = wrong;
    input.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
  input.focus();
  await new Promise<void>((resolve) => {
    dialog.addEventListener('close', () => resolve());
  });
  dialog.remove();
  if (dialog.returnValue === 'clear') return '';
  return dialog.returnValue === 'ok' ? input.value.trim() : undefined;
};
