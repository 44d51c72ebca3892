import { formatCommit } from '@berth/core';
import type { Receipt } from '@berth/protocol';
import { renderFindings } from './doctor.ts';
import { count, duration, localTime } from './quantities.ts';
import { renderTable } from './table.ts';
import type { Terminal } from './terminal.ts';

type Sheet = Pick<Terminal, 'style' | 'width'>;

export const renderReceipt = (receipt: Receipt, sheet: Sheet): string[] => {
  const { style } = sheet;
  const { served, held, failed } = receipt.requests;
  const result = receipt.ok ? style.green(receipt.changed ? 'done' : 'nothing to do') : style.red('failed');
  return [
    style.bold(`${receipt.kind} of ${receipt.app}, operation ${receipt.operation}: `) + result,
    `release   ${releases(receipt)}`,
    ...(receipt.commit ? [`commit    ${formatCommit(receipt.commit)}`] : []),
    `by        ${receipt.by}, ${localTime(receipt.at)}, took ${duration(receipt.ms)}`,
    `requests  ${count(served)} served, ${count(held)} held, ${count(failed)} failed`,
    ...(receipt.restorePoint === null
      ? []
      : [
          `data      restore point ${receipt.restorePoint} ${style.dim(style.hint(`(back to it: berth restore ${receipt.app} --to ${receipt.restorePoint})`))}`,
        ]),
    ...receipt.changes.map((change, index) => `${index === 0 ? 'changes ' : '        '}  ${change}`),
    ...receipt.warnings.map((warning) => `${style.yellow('warning')}   ${style.hint(warning)}`),
    '',
    ...renderTable(
      {
        head: ['STEP', 'STATE', 'TOOK', 'NOTE'],
        rows: receipt.steps.map((step) => [step.name, step.state, step.ms === null ? '-' : duration(step.ms), step.note ?? '']),
        right: [2],
      },
      sheet,
    ),
    ...(receipt.error
      ? [
          '',
          `${style.red('Error:')} ${receipt.error.message.trimEnd()}`,
          `${style.cyan('Try:')} ${style.hint(receipt.error.hint)}`,
          style.dim(`(${receipt.error.code})`),
        ]
      : []),
    ...(receipt.findings?.length ? ['', ...renderFindings(receipt.findings, sheet)] : []),
  ];
};

const releases = ({ release, previousRelease }: Receipt): string =>
  previousRelease === null || previousRelease === release
    ? `${release ?? '-'}`
    : `${release ?? '-'} (before: ${previousRelease})`;

export const renderReceiptList = (receipts: readonly Receipt[], sheet: Sheet): string[] =>
  renderTable(
    {
      head: ['OPERATION', 'KIND', 'RELEASE', 'RESULT', 'AT', 'TOOK', 'SERVED', 'HELD', 'FAILED', 'BY'],
      rows: receipts.map((receipt) => [
        String(receipt.operation),
        receipt.kind,
        String(receipt.release ?? '-'),
        receipt.ok ? 'ok' : (receipt.error?.code ?? 'failed'),
        localTime(receipt.at),
        duration(receipt.ms),
        count(receipt.requests.served),
        count(receipt.requests.held),
        count(receipt.requests.failed),
        receipt.by,
      ]),
      right: [0, 2, 5, 6, 7, 8],
    },
    sheet,
  );
