import { BerthError } from '@berth/core';

export const settingsInvalid = (cause: Error): BerthError =>
  new BerthError('DAEMON_SETTINGS_INVALID', `BERTH_SETTINGS is not valid: ${cause.message}`, {
    hint: 'use the flags of `berth up` instead',
    cause,
  });
