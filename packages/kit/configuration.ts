/** The environment, read once: everything that is wrong with it is said at once. */
import { readFileSync } from 'node:fs';
import { meantName } from './near-miss.ts';
import { quoted, type Variable } from './variables.ts';

export type Variables = Readonly<Record<string, Variable<unknown>>>;
export type Values<V extends Variables> = { readonly [K in keyof V]: V[K] extends Variable<infer T> ? T : never };
export type Environment = Readonly<Record<string, string | undefined>>;

/** One thing that is wrong. `given` is as a message may show it: null when nothing was given, or when it is a secret. */
export type ConfigurationMistake = {
  readonly name: string;
  readonly given: string | null;
  readonly expected: string;
  /** As text; null when there is none. */
  readonly default: string | null;
};
export type ConfigurationWarning = { readonly name: string; readonly message: string };

export type Configuration<V extends Variables> = {
  readonly values: Values<V>;
  readonly warnings: readonly ConfigurationWarning[];
};

/** Everything that is wrong; its message has one line for each mistake, for a terminal. */
export class ConfigurationError extends Error {
  readonly code = 'CONFIGURATION_INVALID';
  readonly mistakes: readonly ConfigurationMistake[];

  constructor(mistakes: readonly ConfigurationMistake[]) {
    const count = mistakes.length === 1 ? 'one mistake' : `${mistakes.length} mistakes`;
    super([`${count} in the configuration:`, ...mistakes.map((mistake) => `  ${sentence(mistake)}`)].join('\n'));
    this.name = 'ConfigurationError';
    this.mistakes = mistakes;
  }
}

/**
 * The values of all variables, typed by their descriptions. A variable set to nothing counts as not set, and whitespace
 * around a value does not count.
 * @param options.readFile reads the file that `NAME_FILE` of a secret names
 * @throws ConfigurationError
 */
export const parseConfiguration = <const V extends Variables>(
  environment: Environment,
  variables: V,
  options: { readonly readFile?: (path: string) => string } = {},
): Configuration<V> => {
  const { readFile = (path) => readFileSync(path, 'utf8') } = options;
  const mistakes: ConfigurationMistake[] = [];
  const warnings: ConfigurationWarning[] = [];
  const values: Record<string, unknown> = {};

  for (const [name, variable] of Object.entries(variables)) {
    const found = findGiven({ environment, name, variable, readFile });
    warnings.push(...found.warnings);
    const mistake = (expected: string, given: string | null): void => {
      mistakes.push({ name: found.name, given, expected, default: defaultText(variable) });
    };
    if (found.problem !== null) mistake(found.problem, null);
    else if (found.text === null) {
      if (variable.fallback === undefined) mistake(variable.type, null);
      else values[name] = variable.fallback;
    } else {
      const reading = variable.read(found.text);
      if (reading.ok) values[name] = reading.value;
      else mistake(reading.expected, variable.secret ? null : quoted(found.text));
    }
  }
  warnings.push(...nearMisses(environment, variables));
  if (mistakes.length > 0) throw new ConfigurationError(mistakes);
  return { values: Object.freeze(values) as Values<V>, warnings };
};

/** A default as text: null when there is none, so that the variable is either optional or must be set. */
export const defaultText = <T>(variable: Variable<T>): string | null =>
  variable.fallback === undefined || variable.fallback === null ? null : variable.render(variable.fallback);

type Given = {
  /** The name under which it was found. */
  readonly name: string;
  /** Null when it is not set. */
  readonly text: string | null;
  readonly problem: string | null;
  readonly warnings: readonly ConfigurationWarning[];
};

type Search = {
  readonly environment: Environment;
  readonly name: string;
  readonly variable: Variable<unknown>;
  readonly readFile: (path: string) => string;
};

/** The canonical name wins; an alias is read with a warning, and so is one that says something else. */
const findGiven = (search: Search): Given => {
  const { name, variable } = search;
  const canonical = readName(search, name);
  const aliases = variable.aliases.map((alias) => readName(search, alias)).filter(isSet);
  const [alias] = aliases;
  if (!isSet(canonical)) {
    if (alias === undefined) return canonical;
    const disagreeing = aliases.filter((other) => other.text !== alias.text).map((other) => disagreement(other.name, alias.name));
    return {
      ...alias,
      warnings: [{ name: alias.name, message: `${alias.name} is read as ${name}: please rename it` }, ...disagreeing],
    };
  }
  const disagreeing = aliases.filter((other) => other.text !== canonical.text);
  return { ...canonical, warnings: disagreeing.map((other) => disagreement(other.name, name)) };
};

const isSet = (given: Given): boolean => given.text !== null || given.problem !== null;

const disagreement = (loser: string, winner: string): ConfigurationWarning => ({
  name: loser,
  message: `${loser} says something else than ${winner}, and does not count`,
});

const readName = ({ environment, variable, readFile }: Search, name: string): Given => {
  const given = (text: string | null, problem: string | null = null): Given => ({ name, text, problem, warnings: [] });
  const text = textOf(environment, name, variable.keepEmpty);
  const file = variable.secret ? textOf(environment, `${name}_FILE`, false) : null;
  if (file === null) return given(text);
  if (text !== null) return given(null, `only one of ${name} and ${name}_FILE`);
  try {
    const content = readFile(file).trim();
    return content === '' ? given(null, `a file with content in ${name}_FILE; ${quoted(file)} is empty`) : given(content);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return given(null, `a file that can be read in ${name}_FILE (${quoted(why)})`);
  }
};

const textOf = (environment: Environment, name: string, keepEmpty: boolean): string | null => {
  const text = Object.hasOwn(environment, name) ? environment[name]?.trim() : undefined;
  return text === undefined || (text === '' && !keepEmpty) ? null : text;
};

const nearMisses = (environment: Environment, variables: Variables): ConfigurationWarning[] => {
  const known = Object.entries(variables).flatMap(([name, { aliases, secret }]) =>
    [name, ...aliases].flatMap((spelling) => (secret ? [spelling, `${spelling}_FILE`] : [spelling])),
  );
  return Object.keys(environment)
    .filter((name) => !known.includes(name))
    .flatMap((name) => {
      const meant = meantName(name, known);
      return meant === undefined ? [] : [{ name, message: `${name} is not a variable: did you mean ${meant}?` }];
    });
};

const sentence = (mistake: ConfigurationMistake): string => {
  const { name, given, expected } = mistake;
  const fallback =
    mistake.default === null ? '' : `; without it, the default is ${mistake.default === '' ? 'empty' : mistake.default}`;
  return `${name}${given === null ? '' : ` is ${given}`}: expected ${expected}${fallback}`;
};
