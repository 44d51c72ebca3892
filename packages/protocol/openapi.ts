/** The contract as an OpenAPI 3.1 document. */
import * as z from 'zod';
import { BY_HEADER, contract, ErrorResponse } from './contract.ts';
import type { RouteRow } from './routes/route.ts';
import {
  AppStatus,
  Certificate,
  CertificateCheck,
  Event,
  Instance,
  LogLine,
  Operation,
  PlatformSettings,
  PlatformStatus,
  Receipt,
  Release,
  RunFrame,
  SecretEntry,
  Step,
  Variable,
} from './resources.ts';

type Json = { [key: string]: unknown };

/** Schemas that the document names instead of repeating. */
const NAMED: Readonly<Record<string, z.ZodType>> = {
  AppStatus,
  Certificate,
  CertificateCheck,
  ErrorResponse,
  Event,
  Instance,
  LogLine,
  Operation,
  PlatformSettings,
  PlatformStatus,
  Receipt,
  Release,
  RunFrame,
  SecretEntry,
  Step,
  Variable,
};

export const renderOpenApi = (version: string): Json => {
  const names = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(NAMED)) names.add(schema, { id });
  const { schemas } = z.toJSONSchema(names, { uri: (id) => `#/components/schemas/${id}` });

  const paths: Record<string, Json> = {};
  for (const [name, row] of Object.entries(contract) as [string, RouteRow][]) {
    const path = row.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [row.method.toLowerCase()]: operationOf(name, row) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Berth',
      version,
      description:
        'The HTTP API of berthd on its unix socket ($BERTH_HOME/run/berthd.sock). Whoever may open the socket may use it. ' +
        'Streams are newline-delimited JSON; one that breaks off ends with a line {"error": …}.',
      license: { name: 'MIT' },
    },
    servers: [{ url: 'http://berth', description: 'through the unix socket; the host name is not looked at' }],
    paths,
    components: { schemas: Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, withoutMeta(schema)])) },
  };
};

const operationOf = (name: string, row: RouteRow): Json => ({
  operationId: name,
  summary: row.summary,
  parameters: [
    ...parametersOf(row.params, 'path'),
    ...parametersOf(row.query, 'query'),
    ...parametersOf(row.headers, 'header'),
    ...(row.method === 'GET' ? [] : [{ name: BY_HEADER, in: 'header', required: false, schema: { type: 'string' } }]),
  ],
  ...(row.sends === 'none' ? {} : { requestBody: requestBodyOf(row) }),
  responses: {
    [row.status]: { description: row.status === 204 ? 'Done' : 'Success', ...contentOf(row) },
    default: { description: 'Failure', content: { 'application/json': { schema: ref('ErrorResponse') } } },
  },
});

const requestBodyOf = (row: RouteRow): Json =>
  row.sends === 'json' && row.body
    ? { required: true, content: { 'application/json': { schema: schemaOf(row.body, 'input') } } }
    : { required: row.bodyType === 'application/zstd', content: { [row.bodyType ?? 'application/octet-stream']: {} } };

const contentOf = (row: RouteRow): Json => {
  if (row.returns === 'empty') return {};
  if (row.returns === 'text' || !row.response) return { content: { 'text/plain': { schema: { type: 'string' } } } };
  const type = row.returns === 'ndjson' ? 'application/x-ndjson' : 'application/json';
  return { content: { [type]: { schema: schemaOf(row.response, 'output') } } };
};

const parametersOf = (schema: z.ZodObject | undefined, where: 'path' | 'query' | 'header'): Json[] =>
  Object.entries(schema?.shape ?? {}).map(([name, part]) => {
    const json = schemaOf(part as z.ZodType, 'input');
    const required = where === 'path' || !z.safeParse(part as z.ZodType, undefined).success;
    return { name, in: where, required, schema: json };
  });

const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Json => {
  const known = nameOf(schema);
  if (known) return ref(known);
  if (schema instanceof z.ZodObject && io === 'output') {
    // The lists of the API, { releases: [Release] }: one level above a named schema.
    const properties = Object.entries(schema.shape).map(([key, part]) => [
      key,
      listOf(part as z.ZodType) ?? schemaOf(part as z.ZodType, io),
    ]);
    return { type: 'object', properties: Object.fromEntries(properties), required: Object.keys(schema.shape) };
  }
  return withoutMeta(z.toJSONSchema(schema, { io, unrepresentable: 'any' }));
};

const listOf = (schema: z.ZodType): Json | undefined => {
  const item = schema instanceof z.ZodArray ? nameOf(schema.element as z.ZodType) : undefined;
  return item ? { type: 'array', items: ref(item) } : undefined;
};

const nameOf = (schema: z.ZodType): string | undefined => Object.keys(NAMED).find((id) => NAMED[id] === schema);

const ref = (id: string): Json => ({ $ref: `#/components/schemas/${id}` });

/** `$schema` and `$id` mean nothing inside an OpenAPI document. */
const withoutMeta = ({ $schema, $id, ...schema }: Json): Json => schema;
