import { text } from 'node:stream/consumers';
import type { OpenDriver } from './driver-bench.ts';

// Opens a driver, starts the instance whose spec comes on standard input, and ends: what a daemon does before it dies.
const [opener = '', directory = '', fault = ''] = process.argv.slice(2);
const { openDriver } = (await import(opener)) as { openDriver: OpenDriver };
const driver = await openDriver({ directory, fault });
await driver.start(JSON.parse(await text(process.stdin)), new AbortController().signal);
