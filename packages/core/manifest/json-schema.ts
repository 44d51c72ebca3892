import * as z from 'zod';
import { ManifestSchema } from './schema.ts';
import { mappings } from './schema-parts.ts';
import { HostMapping } from './schema-route.ts';

export type JsonSchema = {
  [key: string]: unknown;
  title?: string;
  description?: string;
  type?: string;
  const?: unknown;
  enum?: unknown[];
  default?: unknown;
  examples?: unknown[];
  anyOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  patternProperties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  required?: string[];
};

/** The manifest for editors: what may be written, not what it becomes. */
export const manifestJsonSchema = (): JsonSchema => {
  const schema = z.toJSONSchema(ManifestSchema, {
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      // `samples` because zod drops `examples` of every value that it transforms: they might be of the other side.
      const { samples } = jsonSchema as { samples?: NonNullable<typeof jsonSchema.examples> };
      if (samples !== undefined) jsonSchema.examples = samples;
      delete (jsonSchema as { samples?: unknown[] }).samples;
      if (zodSchema !== HostMapping) return;
      // zod has no words for "every key that begins with a slash".
      jsonSchema.patternProperties = {
        '^/': { ...(jsonSchema.additionalProperties as object), description: 'What answers below this path.' },
      };
      jsonSchema.additionalProperties = false;
    },
  }) as JsonSchema;
  return { ...schema, title: 'Berth manifest', description: 'What Berth runs of an app: berth.yaml.' };
};

/** Keys of coming versions, each with what it will do. */
export const laterKeys = (): [key: string, what: string][] => {
  const found: [string, string][] = [];
  z.toJSONSchema(ManifestSchema, {
    io: 'input',
    override: ({ zodSchema }) => found.push(...Object.entries(mappings.get(zodSchema)?.later ?? {})),
  });
  return [...new Map(found)].sort(([a], [b]) => (a < b ? -1 : 1));
};
