import type { Edge } from '@berth/edge';
import type { HomeLayout, SystemUser } from '@berth/host';
import type { Journal } from '@berth/journal';
import type { PlatformSettings } from '@berth/protocol';
import type { RuntimeDriver } from '@berth/runtime';
import type { Sealer } from '@berth/secrets';
import type { Bus } from '../bus.ts';
import type { EdgeSync } from '../edge-sync.ts';
import type { Launcher } from '../launch.ts';
import type { Protection } from '../protection/protection.ts';
import type { Ports } from '../ports.ts';
import type { Supervisor } from '../supervisor.ts';
import type { Traffic } from '../traffic.ts';

/** All that the steps of operations work with. */
export type StepDeps = {
  readonly journal: Journal;
  readonly layout: HomeLayout;
  readonly driver: RuntimeDriver;
  readonly supervisor: Supervisor;
  readonly edge: Edge;
  readonly sync: EdgeSync;
  readonly launcher: Launcher;
  readonly sealer: Sealer;
  readonly bus: Bus;
  readonly ports: Ports;
  readonly traffic: Traffic;
  readonly protection: Protection;
  readonly settings: () => PlatformSettings;
  readonly now: () => Date;
  readonly users: Users;
  readonly nodeDirectory: string;
  readonly systemPath: string;
  /** What the machine needs to reach registries: proxies, certificate authorities. Builds and apps get it. */
  readonly network: Readonly<Record<string, string>>;
  readonly build: { readonly memoryBytes: number; readonly withinMs: number; readonly diskFloorBytes: number };
};

/** System users; null everywhere when Berth does not run as root. */
export interface Users {
  app(app: string): Promise<SystemUser | null>;
  builder(): Promise<SystemUser | null>;
  readonly edge: SystemUser | null;
  removeApp(app: string): Promise<void>;
}
