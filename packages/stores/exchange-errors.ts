import { BerthError } from '@berth/core';

export const exchangeImpossible = (live: string, why: string): BerthError =>
  new BerthError('EXCHANGE_IMPOSSIBLE', `${live} cannot be exchanged: ${why}`, {
    hint: 'nothing was lost: see what is beside it; restore again, on the file system of the live store',
    fields: { live, why },
  });
