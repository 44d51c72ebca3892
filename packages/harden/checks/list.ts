import type { Check } from '../check.ts';
import { accounts } from './accounts.ts';
import { berthFiles } from './berth-files.ts';
import { clock } from './clock.ts';
import { coreDumps } from './core-dumps.ts';
import { fail2ban } from './fail2ban.ts';
import { firewall } from './firewall.ts';
import { kernel } from './kernel.ts';
import { listeners } from './listeners.ts';
import { logs } from './logs.ts';
import { sshd } from './sshd.ts';
import { swap } from './swap.ts';
import { upgrades } from './upgrades.ts';

/** In their order. What could lock somebody out comes last: its time to be confirmed runs from then. */
export const CHECKS: readonly Check[] = [
  upgrades,
  clock,
  logs,
  swap,
  kernel,
  coreDumps,
  berthFiles,
  accounts,
  fail2ban,
  listeners,
  sshd,
  firewall,
];
