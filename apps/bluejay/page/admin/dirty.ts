/** Asks before a page is left on which something was typed that was not saved. */
export const startDirty = (root: ParentNode): void => {
  for (const form of root.querySelectorAll<HTMLFormElement>('form[data-record-form]')) guardForm(form);
};

const guardForm = (form: HTMLFormElement): void => {
  let isDirty = form.dataset['isDirty'] !== undefined;
  const typed = (): void => {
    isDirty = true;
  };
  form.addEventListener('input', typed);
  form.addEventListener('change', typed);
  form.addEventListener('bluejay:leaving', () => {
    isDirty = false;
  });
  addEventListener('beforeunload', (event) => {
    if (isDirty) event.preventDefault();
  });
};
