import type { Reader } from '@berth/core';

/** Whoever sits at this keyboard: the zone of the machine, or of TZ. */
export const localReader = (): Reader => ({ now: new Date(), zone: Intl.DateTimeFormat().resolvedOptions().timeZone });
