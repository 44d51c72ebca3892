/** The 80 languages that a document can be in: the ids are the original's, which both sides and the store know. */

export type Language = {
  readonly id: string;
  /** For people. */
  readonly name: string;
  /** Of a downloaded file, without the dot. */
  readonly extension: string;
  /** Name in CodeMirror's list of languages; null where it has none, and the text is shown plainly. */
  readonly highlighter: string | null;
};

export const DEFAULT_LANGUAGE = 'plaintext';

const TABLE = `
abap               ABAP               abap       -
aes                Sophia             aes        -
apex               Apex               cls        Java
azcli              Azure CLI          azcli      Shell
bat                Batch              bat        -
bicep              Bicep              bicep      -
c                  C                  c          C
cameligo           CameLIGO           mligo      OCaml
clojure            Clojure            clj        Clojure
coffeescript       CoffeeScript       coffee     CoffeeScript
cpp                C++                cpp        C++
csharp             C#                 cs         C#
csp                CSP                csp        -
css                CSS                css        CSS
dart               Dart               dart       Dart
dockerfile         Dockerfile         dockerfile Dockerfile
ecl                ECL                ecl        ECL
elixir             Elixir             ex         -
flow9              Flow9              flow       -
fsharp             F#                 fs         F#
go                 Go                 go         Go
graphql            GraphQL            graphql    -
handlebars         Handlebars         hbs        HTML
hcl                HCL                hcl        -
html               HTML               html       HTML
ini                INI                ini        Properties files
java               Java               java       Java
javascript         JavaScript         js         JavaScript
json               JSON               json       JSON
julia              Julia              jl         Julia
kotlin             Kotlin             kt         Kotlin
less               Less               less       LESS
lexon              Lexon              lex        -
liquid             Liquid             liquid     Liquid
lua                Lua                lua        Lua
m3                 Modula-3           m3         -
markdown           Markdown           md         Markdown
mips               MIPS assembly      s          Gas
msdax              DAX                dax        -
mysql              MySQL              sql        MySQL
objective-c        Objective-C        m          Objective-C
pascal             Pascal             pas        Pascal
pascaligo          PascaLIGO          ligo       Pascal
perl               Perl               pl         Perl
pgsql              PostgreSQL         sql        PostgreSQL
php                PHP                php        PHP
pla                PLA                pla        -
plaintext          Plain text         txt        -
postiats           ATS                dats       -
powerquery         Power Query        pq         -
powershell         PowerShell         ps1        PowerShell
proto              Protocol Buffers   proto      ProtoBuf
pug                Pug                pug        Pug
python             Python             py         Python
qsharp             Q#                 qs         -
r                  R                  r          R
razor              Razor              cshtml     HTML
redis              Redis              redis      -
redshift           Redshift SQL       sql        PostgreSQL
restructuredtext   reStructuredText   rst        -
ruby               Ruby               rb         Ruby
rust               Rust               rs         Rust
sb                 Small Basic        sb         -
scala              Scala              scala      Scala
scheme             Scheme             scm        Scheme
scss               SCSS               scss       SCSS
shell              Shell              sh         Shell
sol                Solidity           sol        -
sparql             SPARQL             rq         SPARQL
sql                SQL                sql        SQL
st                 Structured Text    st         -
swift              Swift              swift      Swift
systemverilog      SystemVerilog      sv         SystemVerilog
tcl                Tcl                tcl        Tcl
twig               Twig               twig       Jinja
typescript         TypeScript         ts         TypeScript
vb                 Visual Basic       vb         VB.NET
verilog            Verilog            v          Verilog
xml                XML                xml        XML
yaml               YAML               yaml       YAML
`;

/** In the order of their ids. */
export const LANGUAGES: readonly Language[] = TABLE.trim()
  .split('\n')
  .map((line) => {
    const [id = '', name = '', extension = '', highlighter = ''] =
      /^(\S+)\s+(\S+(?: \S+)*)\s+(\S+)\s+(.+)$/.exec(line)?.slice(1) ?? [];
    return { id, name, extension, highlighter: highlighter === '-' ? null : highlighter };
  });

const byId = new Map(LANGUAGES.map((language) => [language.id, language]));

/** Undefined for an id outside the list: a client of the original protocol may set any string. */
export const findLanguage = (id: string): Language | undefined => byId.get(id);

/** The language whose files end like this one's name; undefined when none or more than the first would be a guess. */
export const languageOfFile = (fileName: string): Language | undefined => {
  const extension = /\.([^.]+)$/.exec(fileName)?.[1]?.toLowerCase() ?? fileName.toLowerCase();
  const common = byId.get(COMMON_EXTENSIONS[extension] ?? '');
  return common ?? LANGUAGES.find((language) => language.extension === extension);
};

// Several languages share an ending, or one has several.
const COMMON_EXTENSIONS: Readonly<Record<string, string>> = {
  sql: 'sql',
  mjs: 'javascript',
  cjs: 'javascript',
  jsx: 'javascript',
  mts: 'typescript',
  tsx: 'typescript',
  htm: 'html',
  yml: 'yaml',
  h: 'c',
  cc: 'cpp',
  hpp: 'cpp',
  bash: 'shell',
  markdown: 'markdown',
  conf: 'ini',
  tf: 'hcl',
  text: 'plaintext',
  log: 'plaintext',
};
