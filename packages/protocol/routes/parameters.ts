/** Parts of requests that several routes share. */
import * as z from 'zod';

/** In a URL a switch is there or it is not: `?force`, `?force=true`, `?force=false`. */
export const flag = z
  .enum(['', 'true', 'false', '1', '0'])
  .transform((value) => value !== 'false' && value !== '0')
  .default(false);
export const count = z.coerce.number().int().min(1);
export const operationId = z.coerce.number().int().min(1);
export const releaseNumber = z.number().int().min(1);

export const commitHash = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/, 'must be 40 or 64 hexadecimal digits in lower case');

export const appName = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'must be an app name: lower-case letters, digits and "-"');
export const hostName = z.string().regex(/^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*$/, 'must be a host name in lower case');
export const variableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of a variable: letters, digits and "_"');

export const AppParams = z.object({ app: appName });
export const OperationParams = z.object({ id: operationId });
export const HostParams = z.object({ host: hostName });

/** JSON in a header: pure ASCII, so that any argument survives the transport. */
export const ArgvHeader = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: 'must be a JSON list of strings' });
      return z.NEVER;
    }
  })
  .pipe(z.array(z.string()).min(1));
