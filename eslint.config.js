import importX from 'eslint-plugin-import-x';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import tseslint from 'typescript-eslint';

/** The layers and what `core/` may use. All other rules are in `.oxlintrc.json`: with type information ESLint takes ten times as long. */
const layers = [
  'bin',
  'lib',
  'lambda',
  'core',
  'questions',
  'aws',
  'local',
  'cli',
  'report-app',
  'scripts',
  'bench',
  'test',
];

/** What each layer may import besides itself: the arrows of docs/design.md. */
const arrows = {
  bin: ['lib', 'cli'],
  lib: ['core/contract', 'questions', 'core/doctor', 'core/member-role'],
  cli: ['local', 'aws', 'core', 'questions', 'report-app/built'],
  local: ['lambda', 'lib', 'core', 'questions'],
  lambda: ['aws', 'core', 'report-app/built'],
  aws: ['core'],
  questions: ['core'],
  // The page runs in a browser: of core it may use what needs neither Node nor a store.
  'report-app': [
    'core/contract',
    'core/wording',
    'core/findings/use/untracked-actions.ts',
    'core/streams/grouped-by.ts',
  ],
  core: [],
};

const zones = Object.entries(arrows).flatMap(([layer, allowed]) =>
  layers
    .filter((other) => other !== layer && !allowed.includes(other))
    .map((other) => ({
      target: `./${layer}`,
      from: `./${other}`,
      except: allowed.filter((path) => path.startsWith(`${other}/`)).map((path) => `./${path.slice(other.length + 1)}`),
      message: `${layer} may import only ${[layer, ...allowed].join(', ')}.`,
    })),
);

/**
 * The folders of core/, from the top down: each imports only folders below it. docs/design.md says what each knows.
 */
const coreFolders = [
  'estimate',
  'states',
  'doctor',
  'scan',
  'diff',
  'export',
  'who',
  'summary',
  'reuse',
  'evidence',
  'recommendations',
  'tables',
  'report',
  'objects',
  'findings',
  'access',
  'inventory',
  'evaluation',
  'trust',
  'organization',
  'member-role',
  'policies',
  'pacing',
  'run',
  'cost',
  'catalogue',
  'wording',
  'ports',
  'streams',
  'contract',
];

const coreZones = coreFolders.flatMap((folder, place) =>
  coreFolders.slice(0, place).map((above) => ({
    target: `./core/${folder}`,
    from: `./core/${above}`,
    message: `core/${folder} is below core/${above} and must not know it: code that needs both belongs in core/${above}, or in a folder above it (docs/design.md).`,
  })),
);

/** core stays free of the SDK, CDK, the file system and the process: only these small pure libraries. */
// `sarif` has types only.
const coreLibraries = [
  ...['valibot', 'p-limit', 'papaparse', 'ipaddr\\.js', 'leven', 'sarif'],
  // Not the package itself, whose entry for Node imports `fs`.
  'hyparquet-writer/src/[a-z-]+\\.js',
];

export default tseslint.config(
  { ignores: ['node_modules/', 'cdk.out/', 'coverage/', '.cache/', 'iam-audit-results/', 'report-app/built/'] },
  {
    files: ['**/*.ts', '**/*.tsx'],
    plugins: { 'import-x': importX, '@typescript-eslint': tseslint.plugin },
    languageOptions: { parser: tseslint.parser },
    settings: { 'import-x/resolver-next': [createTypeScriptImportResolver()] },
    rules: { 'import-x/no-restricted-paths': ['error', { zones: [...zones, ...coreZones] }] },
  },
  {
    files: ['core/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            { regex: `^(?!\\.|(${coreLibraries.join('|')})$)`, message: 'core imports only small pure libraries.' },
          ],
        },
      ],
      'no-restricted-globals': ['error', 'process', 'setTimeout', 'setInterval', 'fetch', 'Buffer'],
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Time is injected.' },
        { selector: "MemberExpression[object.name='Date'][property.name='now']", message: 'Time is injected.' },
        {
          selector: "MemberExpression[object.name='Math'][property.name='random']",
          message: 'Randomness is injected.',
        },
      ],
    },
  },
);
