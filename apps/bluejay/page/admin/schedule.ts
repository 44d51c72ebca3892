/** Moments of the schedule in the time zone of whoever reads, and a button that publishes what was to appear later. */
export const startSchedule = (root: ParentNode): void => {
  for (const schedule of root.querySelectorAll<HTMLElement>('[data-schedule]')) makeLocal(schedule);
  for (const button of root.querySelectorAll<HTMLButtonElement>('[data-publish-now]')) offerNow(button);
};

/** Only what came in UTC: after a mistake the moments come back as they were typed, in the zone that was sent. */
const makeLocal = (schedule: HTMLElement): void => {
  const zone = schedule.querySelector<HTMLInputElement>('input[name="zone"]');
  const local = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone === null || zone.value !== 'UTC' || local === undefined || local === 'UTC') return;
  const inputs = [...schedule.querySelectorAll<HTMLInputElement>('[data-schedule-moment]')];
  const moved = inputs.map((input) => (input.value === '' ? '' : localMoment(input.value)));
  // An hour that there is twice, as clocks go back: it cannot be said in local time, and saving would move it.
  if (moved.includes(undefined)) return;
  for (const [index, input] of inputs.entries()) input.value = moved[index] ?? '';
  zone.value = local;
  for (const name of schedule.querySelectorAll('[data-zone]')) name.textContent = local;
};

const localMoment = (utc: string): string | undefined => {
  const atMs = Date.parse(`${utc}Z`);
  const date = new Date(atMs - new Date(atMs).getTimezoneOffset() * 60_000);
  const text = date.toISOString().slice(0, Math.max(utc.length, 'YYYY-MM-DDTHH:MM'.length));
  return Date.parse(text) === atMs ? text : undefined;
};

const offerNow = (button: HTMLButtonElement): void => {
  const { form } = button;
  const moment = form?.querySelector<HTMLInputElement>('input[name="publishAt"]');
  if (form === null || moment === null || moment === undefined) return;
  const isLater = (): boolean => moment.value !== '' && Date.parse(moment.value) > Date.now();
  const offer = (): void => {
    button.hidden = !isLater();
  };
  offer();
  moment.addEventListener('input', offer);
  button.addEventListener('click', () => {
    moment.value = '';
    form.requestSubmit(form.querySelector<HTMLButtonElement>('button[name="status"][value="published"]'));
  });
};
