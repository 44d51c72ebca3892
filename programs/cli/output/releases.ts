import { formatCommit } from '@berth/core';
import type { Release } from '@berth/protocol';
import { localTime } from './quantities.ts';
import { renderTable } from './table.ts';
import type { Terminal } from './terminal.ts';

export const renderReleases = (releases: readonly Release[], sheet: Pick<Terminal, 'style' | 'width'>): string[] =>
  renderTable({ head: HEAD, rows: releases.map(toRow), right: [0] }, sheet);

const HEAD = ['RELEASE', 'STATE', 'BAKE', 'CREATED', 'BY', 'COMMIT', 'BUILD', 'CHANGES'];

const toRow = ({ release, state, bake, createdAt, by, commit, build, changes }: Release): string[] => [
  String(release),
  state,
  bake ?? '-',
  localTime(createdAt),
  by,
  commit ? formatCommit(commit) : '-',
  build,
  changes.join('; ') || '-',
];
