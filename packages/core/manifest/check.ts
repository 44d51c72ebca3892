import { checkRoutes } from './check-routes.ts';
import { checkServices } from './check-services.ts';
import { checkStores } from './check-stores.ts';
import { reservedApps } from './names.ts';
import type { Finding } from './problem.ts';
import type { Draft } from './schema.ts';
import type { TemplateNames } from './template.ts';

/**
 * Names that the manifest gives, from the text itself: a service with a mistake in it is missing from the draft but
 * still there to be referred to.
 */
export type Names = TemplateNames & {
  readonly services: readonly string[];
  readonly stores: readonly string[];
};

export type Checked = { readonly mistakes: readonly Finding[]; readonly warnings: readonly Finding[] };

/** What no single value shows: references, conflicts and combinations. */
export const checkDraft = (draft: Draft, names: Names): Checked => {
  const services = checkServices(draft, names);
  const routes = checkRoutes(draft, names);
  return {
    mistakes: [
      ...checkApp(draft, names),
      ...services.mistakes,
      ...routes.mistakes,
      ...checkStores(draft, names),
      ...checkRelease(draft, names),
    ],
    warnings: [...services.warnings, ...routes.warnings],
  };
};

const checkApp = (draft: Draft, names: Names): Finding[] => {
  const findings: Finding[] = [];
  if (reservedApps.has(draft.app)) {
    findings.push({ path: ['app'], message: `the name \`${draft.app}\` is kept for Berth itself`, suggestion: 'choose another' });
  }
  if (names.services.length === 0 && Object.keys(draft.routes ?? {}).length === 0) {
    findings.push({
      path: [],
      absence: true,
      message: 'there is nothing to run or to serve: no services and no routes',
      suggestion: 'add `services: { web: <command> }`, or routes with `files:`',
    });
  }
  return findings;
};

const checkRelease = (draft: Draft, names: Names): Finding[] => {
  if (draft.release?.when !== 'held') return [];
  const services = Object.values(draft.services);
  // A service with a mistake is not in the draft, and may be the one.
  if (services.length < names.services.length || services.some((service) => service.switch === 'handover')) return [];
  return [
    {
      path: ['release', 'when'],
      message:
        '`when: held` runs between the exit of an old instance and the start of the new one, but no service here is switched that way',
      suggestion: 'add `switch: handover` to the service that owns the data, or write `when: before`',
    },
  ];
};
