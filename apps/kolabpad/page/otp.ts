/** The lock: with it on, only who has the token comes in. The token travels in the link. */
import { find } from './elements.ts';

export interface OtpSwitch {
  show(token: string | null): void;
}

/** `change` resolves when the server has done it, or has said why not. */
export function createOtpSwitch(change: (lock: boolean) => Promise<void>, signal: AbortSignal): OtpSwitch {
  const toggle = find('otp-switch', HTMLButtonElement);
  const hint = find('otp-hint', HTMLElement);
  const badge = find('badge-locked', HTMLElement);
  const isOn = (): boolean => toggle.getAttribute('aria-checked') === 'true';
  toggle.disabled = false;
  toggle.addEventListener(
    'click',
    () => {
      // Not `disabled`: that would take the focus away from whoever came by keyboard.
      if (toggle.ariaBusy === 'true') return;
      toggle.ariaBusy = 'true';
      void change(!isOn()).finally(() => (toggle.ariaBusy = null));
    },
    { signal },
  );
  return {
    show(token) {
      toggle.setAttribute('aria-checked', String(token !== null));
      badge.hidden = token === null;
      hint.textContent =
        token === null ? 'Anyone with the link can edit.' : 'The link carries a secret token; without it nobody gets in.';
    },
  };
}
