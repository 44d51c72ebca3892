import {
  type Commit,
  formatCommit,
  type Manifest,
  resolveTemplate,
  type Service,
  storeVariable,
  type TemplateContext,
} from '@berth/core';

export type EnvironmentInput = {
  readonly manifest: Manifest;
  /** null for the build and for commands that belong to no service. */
  readonly service: Service | null;
  readonly release: number;
  /** What the release was made from. */
  readonly commit: Commit | null;
  readonly instance: string;
  readonly port: number | null;
  /** Set with `berth env`; they win over the manifest's. */
  readonly variables: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  /** Where secrets asked for as files are. */
  readonly secretFiles: Readonly<Record<string, string>>;
  readonly templates: TemplateContext;
  readonly directories: { readonly tools: readonly string[]; readonly home: string; readonly node: string };
  /** Proxies and certificate authorities of the machine. */
  readonly network: Readonly<Record<string, string>>;
  /** The system's PATH, for what Berth does not bring. */
  readonly path: string;
};

/** The whole environment of an instance or command: nothing else reaches it. */
export function buildEnvironment(input: EnvironmentInput): Record<string, string> {
  const { manifest, service, directories, templates } = input;
  const stores = manifest.stores.map((store) => [storeVariable(store.name), templates.stores[store.name]?.path ?? '']);
  const declared = Object.entries(service?.env ?? {}).map(([name, template]) => [name, resolveTemplate(template, templates)]);
  return {
    ...input.network,
    NODE_ENV: 'production',
    HOME: directories.home,
    LANG: 'C.UTF-8',
    ...Object.fromEntries(declared),
    ...input.variables,
    ...input.secrets,
    ...Object.fromEntries(Object.entries(input.secretFiles).map(([name, file]) => [`${name}_FILE`, file])),
    ...Object.fromEntries(stores),
    // The app's own tools first, so that one that brings its own Node runs it; then Berth's Node.
    PATH: [...directories.tools, directories.node, input.path].join(':'),
    ...(input.port === null ? {} : { PORT: String(input.port), HOST: '127.0.0.1' }),
    BERTH_APP: manifest.app,
    BERTH_RELEASE: String(input.release),
    ...(input.commit ? { BERTH_COMMIT: formatCommit(input.commit) } : {}),
    BERTH_INSTANCE: input.instance,
    ...(service ? { BERTH_SERVICE: service.name } : {}),
  };
}

/** The environment of a build: no secrets, no stores, no variables. */
export const buildTimeEnvironment = (input: {
  app: string;
  home: string;
  node: string;
  tools: readonly string[];
  path: string;
}) => ({
  // Development dependencies are usually what a build needs, so NODE_ENV is not set to production here.
  HOME: input.home,
  LANG: 'C.UTF-8',
  CI: 'true',
  PATH: [...input.tools, input.node, input.path].join(':'),
  BERTH_APP: input.app,
});
