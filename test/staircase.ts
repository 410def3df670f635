/**
 * The staircase: one row per folder of the sources, lowest first, with all that its files may import besides each
 * other. A row names only rows above it, so no folder can stand in a circle, types included. A row may be of one file
 * where it stands on another storey than the rest of its folder: what a package shows to others, and what starts it.
 * Braces stand for several names.
 */
export const STAIRCASE: readonly (readonly [step: string, may: string])[] = [
  ['language/documentation', 'language/generated'],
  ['language/diagnostics', ''],
  ['language/text', 'language/diagnostics'],
  ['language/parser', 'chevrotain-allstar langium language/{diagnostics,generated,text}'],
  ['language/types', ''],
  ['language/format', 'langium language/{generated,parser,text,types}'],
  ['language/java/digest', 'language/types'],
  ['language/java/math', 'language/types'],
  ['language/java/regex', 'language/types'],
  ['language/java/text', 'language/types'],
  ['language/java/time', 'language/types'],
  ['language/functions', 'language/java/{digest,math,regex,text,time} language/types'],
  ['language/binding', 'language/{functions,generated,parser,text,types}'],
  ['language/metastore', 'language/{functions,generated,types}'],
  ['language/settings', 'language/{metastore,text,types}'],
  ['language/query', 'langium language/{binding,diagnostics,functions,generated,metastore,parser,settings,text,types}'],
  [
    'language/statements',
    `langium language/java/time
     language/{binding,diagnostics,format,functions,generated,metastore,parser,query,settings,text,types}`,
  ],
  [
    'language/script',
    'langium language/{binding,format,functions,generated,metastore,parser,query,statements,text,types}',
  ],
  ['language/names', 'langium language/{generated,metastore,parser,query,script,text,types}'],
  ['language/hints', 'language/{binding,diagnostics,generated,names,parser,query,script,text}'],
  [
    'language/project',
    'language/{diagnostics,functions,hints,metastore,names,parser,query,script,settings,text,types}',
  ],
  ['language/index.ts', 'language/{format,metastore,parser,script}'],
  ['language/notebook', 'language/{parser,text}'],
  ['server/protocol.ts', 'language/index.ts language/{functions,metastore,script}'],
  ['server/text', 'language/{binding,documentation,format,functions,metastore,parser,settings,text,types}'],
  [
    'server/scripts',
    `langium language/index.ts language/{binding,functions,metastore,names,project,query,text,types} server/text
     vscode-languageserver-textdocument`,
  ],
  [
    'server/completion',
    `language/{documentation,functions,metastore,names,parser,settings,text,types}
     server/{scripts,text} vscode-languageserver`,
  ],
  ['server/rename', 'language/index.ts language/{names,text} server/scripts'],
  [
    'server/features',
    `langium language/index.ts
     language/{binding,diagnostics,functions,generated,hints,metastore,names,parser,project,query,settings,text,types}
     server/protocol.ts server/{rename,scripts,text} vscode-languageserver`,
  ],
  [
    'server/actions',
    `langium language/index.ts language/{binding,generated,metastore,query,text,types}
     server/{features,scripts,text} vscode-languageserver vscode-languageserver-textdocument`,
  ],
  [
    'server/workspace',
    `language/{diagnostics,functions,metastore,project} server/protocol.ts server/{features,scripts} vscode-languageserver
     vscode-languageserver-textdocument`,
  ],
  [
    'server',
    `language/index.ts language/{metastore,script} server/protocol.ts server/{actions,completion,features,scripts,workspace} vscode-languageserver
     vscode-languageserver-textdocument`,
  ],
  ['server/node-files.ts', 'node: server/workspace'],
  ['server/node-functions.ts', 'language/functions node: server/workspace'],
  ['server/main.ts', 'server server/node-files.ts server/node-functions.ts vscode-languageserver'],
  ['server/browser-main.ts', 'server vscode-languageserver'],
  ['engine/api', 'language/{diagnostics,format,text,types} node:'],
  ['engine/api/port', 'engine/api'],
  ['engine/api/snapshot', 'engine/api language/{functions,metastore,types}'],
  ['engine/api/topics', 'engine/api'],
  ['engine/api/cluster', 'engine/api'],
  ['engine/tls', 'node:'],
  ['engine/broker/positions.ts', ''],
  ['engine/broker/groups', 'engine/broker/positions.ts'],
  ['engine/bytes', ''],
  ['engine/compile/generate.ts', ''],
  ['engine/wasm', ''],
  ['engine/broker', 'engine/broker/positions.ts engine/broker/groups engine/bytes node: snappyjs'],
  ['engine/broker/kafka', 'engine/broker engine/tls kafkajs node:'],
  ['engine/broker/kafka/transactions', 'engine/broker engine/broker/kafka'],
  ['engine/broker/kafka/groups', 'engine/broker engine/broker/{groups,kafka}'],
  [
    'engine/broker/kafka/kafka-broker.ts',
    'engine/broker engine/broker/{groups,kafka,kafka/groups,kafka/transactions} node:',
  ],
  ['engine/broker/redpanda', 'engine/broker/kafka/kafka-broker.ts node: testcontainers'],
  ['engine/files', 'node:'],
  ['engine/functions', 'language/{functions,types} node:'],
  ['engine/memory', 'engine/api language/types node:'],
  ['engine/broker/embedded', 'engine/{broker,files,memory} node:'],
  ['engine/broker/listener/protocol', 'engine/broker/kafka'],
  ['engine/broker/listener/connection', 'engine/broker/listener/protocol node:'],
  [
    'engine/broker/listener/groups',
    'engine/broker/{embedded,listener/connection,listener/protocol} engine/broker node:',
  ],
  [
    'engine/broker/listener/transactions',
    'engine/broker/{embedded,listener/connection,listener/groups,listener/protocol} engine/broker',
  ],
  [
    'engine/broker/listener',
    `engine/broker/{embedded,listener/connection,listener/groups,listener/protocol,listener/transactions}
     engine/{broker,memory} node:`,
  ],
  ['engine/plan', 'language/{binding,metastore,query,settings,types}'],
  ['engine/rest/http', 'engine/api engine/api/cluster language/java/regex language/parser node:'],
  ['engine/runtime/commands', 'engine/{api,broker,files} language/metastore node:'],
  ['engine/runtime/session', 'engine/api language/{script,settings}'],
  ['engine/script', 'engine/api language/index.ts language/{project,query,script} node:'],
  ['engine/serde/registry', 'engine/tls'],
  ['engine/serde/encoding', 'engine/bytes engine/serde/registry language/{metastore,types}'],
  ['engine/serde/delimited', 'engine/serde/encoding language/types'],
  [
    'engine/serde/json',
    'engine/bytes engine/compile/generate.ts engine/serde/{encoding,registry} language/java/text language/types',
  ],
  ['engine/serde/avro', 'engine/bytes engine/serde/{encoding,json,registry} language/types'],
  ['engine/serde/protobuf', 'engine/bytes engine/serde/{encoding,json,registry} language/types protobufjs'],
  [
    'engine/serde/schemas',
    `avsc engine/files engine/serde/{avro,encoding,json,protobuf,registry} language/{metastore,types} node:`,
  ],
  ['engine/state', 'engine/memory language/types'],
  ['engine/operators', 'engine/state language/{functions,query,types}'],
  [
    'engine/compile',
    `engine/compile/generate.ts engine/{operators,plan,state} language/java/regex
     language/{binding,functions,metastore,query,types}`,
  ],
  ['engine/runtime/monitoring', 'engine/runtime/session engine/{api,memory,operators}'],
  ['engine/runtime/state', 'engine/{broker,files,memory,state} node:'],
  [
    'engine/serde',
    `engine/bytes engine/operators engine/serde/{avro,delimited,encoding,json,protobuf} language/{metastore,types}`,
  ],
  [
    'engine/connectors/configuration',
    'engine/serde engine/serde/{encoding,registry} language/{documentation,types} node:',
  ],
  [
    'engine/connectors/datagen',
    `engine/connectors/configuration engine/serde/{avro,registry} language/{documentation,types} ret`,
  ],
  ['engine/connectors/file', 'engine/connectors/configuration engine/serde/delimited language/documentation'],
  [
    'engine/connectors',
    `engine/connectors/{configuration,datagen,file} engine/broker/groups engine/serde/registry engine/{api,broker,files}
     node:`,
  ],
  [
    'engine/runtime/print',
    `engine/serde/{encoding,protobuf,registry,schemas} engine/{api,broker,serde} language/{generated,types}`,
  ],
  ['engine/fixtures', 'engine/api engine/api/topics engine/connectors/datagen/random.ts engine/serde/registry node:'],
  [
    'engine/runtime/records',
    `engine/bytes engine/runtime/{monitoring,session} engine/serde/{encoding,registry} engine/{broker,operators,plan,serde}
     language/java/time language/{metastore,settings,types}`,
  ],
  [
    'engine/runtime/straight/block',
    'engine/bytes engine/runtime/records engine/serde/json engine/{broker,operators,wasm}',
  ],
  [
    'engine/runtime/straight',
    `engine/bytes engine/runtime/records engine/runtime/straight/block engine/serde/{encoding,json} engine/{broker,compile,operators,plan,state}
     language/{binding,metastore,types}`,
  ],
  [
    'engine/runtime/straight/aggregate',
    `engine/bytes engine/runtime/{monitoring,records,straight,straight/block} engine/serde/{encoding,json}
     engine/{broker,compile,operators,plan,serde,state} language/{binding,metastore,types}`,
  ],
  [
    'engine/topics',
    `engine/api/topics engine/fixtures engine/runtime/{print,records,session} engine/serde/{encoding,registry,schemas}
     engine/{api,broker,compile,memory,operators,serde} language/index.ts language/{metastore,query,text,types} node:`,
  ],
  [
    'engine/runtime/task',
    `engine/runtime/{monitoring,records,session,state} engine/serde/encoding
     engine/{api,broker,memory,operators,state}`,
  ],
  [
    'engine/runtime/shared',
    `engine/runtime/{monitoring,session,state,task} engine/broker/groups
     engine/{api,broker,compile,memory,operators,plan}`,
  ],
  ['engine/runtime/cluster', 'engine/api engine/api/cluster engine/runtime/shared language/types node:'],
  [
    'engine/runtime',
    `engine/runtime/{cluster,commands,monitoring,records,session,shared,state,straight,straight/aggregate,task} engine/serde/registry
     engine/{api,broker,compile,connectors,files,memory,operators,plan,state}
     language/{binding,functions,metastore,query,statements,types} node:`,
  ],
  [
    'engine/statements/preparation',
    `engine/runtime/{commands,session} engine/serde/schemas engine/{api,broker,files,runtime}
     language/java/regex
     language/{diagnostics,format,generated,metastore,parser,query,script,settings,statements,text,types}`,
  ],
  [
    'engine/statements/listing',
    `engine/api/cluster engine/runtime/session engine/statements/preparation engine/{api,broker,plan,runtime}
     language/{binding,functions,generated,metastore,parser,query,settings,types}`,
  ],
  [
    'engine/statements',
    `engine/connectors/configuration engine/runtime/{commands,monitoring,print,records,session,task}
     engine/statements/{listing,preparation} engine/{api,broker,compile,connectors,runtime}
     language/java/regex language/{format,generated,metastore,parser,query,script,settings,statements,types} node:`,
  ],
  [
    'engine/index.ts',
    `engine/api/{cluster,topics} engine/connectors/configuration
     engine/runtime/{cluster,commands,monitoring,print,session,shared}
     engine/serde/registry engine/statements/preparation
     engine/{api,broker,connectors,files,memory,runtime,statements,topics} language/java/regex
     language/{functions,metastore,settings} node:`,
  ],
  ['engine/engine-properties.ts', ''],
  [
    'engine/open-engine.ts',
    `engine/engine-properties.ts engine/broker/{embedded,kafka,kafka/kafka-broker.ts} engine/index.ts
     engine/runtime/{commands,shared} engine/serde/{registry,schemas} engine/{broker,files,functions,memory} node:`,
  ],
  [
    'engine/rest/routes',
    `engine/api/{cluster,topics} engine/index.ts engine/rest/http engine/runtime/{cluster,print}
     engine/serde/{protobuf,registry}
     engine/{api,broker,runtime,serde,statements,topics} language/types node:`,
  ],
  ['engine/rest/router.ts', 'engine/api engine/index.ts engine/rest/{http,routes}'],
  [
    'engine/rest/port',
    'engine/api/port engine/index.ts engine/rest/http engine/rest/router.ts engine/rest/routes/route.ts',
  ],
  ['engine/browser/node', 'buffer'],
  [
    'engine/browser',
    `engine/api/port engine/broker/embedded engine/connectors/configuration engine/engine-properties.ts
     engine/index.ts engine/memory engine/rest/port engine/serde/schemas`,
  ],
  [
    'engine/rest',
    `engine/index.ts engine/rest/router.ts engine/rest/{http,routes} engine/runtime/print engine/statements/listing
     engine/{api,runtime} node: ws`,
  ],
  [
    'engine/testing',
    `engine/broker/embedded engine/index.ts engine/rest/http engine/runtime/{monitoring,records,session}
     engine/serde/{encoding,json,registry,schemas} engine/{api,broker,compile,operators,rest,script,serde}
     language/index.ts language/java/{regex,text}
     language/{binding,functions,generated,metastore,script,settings,statements,text,types} node: protobufjs`,
  ],
  ['engine/metrics', 'engine/index.ts engine/runtime prom-client'],
  [
    'engine/testing/recording',
    `engine/index.ts engine/runtime/{monitoring,records,session} engine/serde/schemas
     engine/{api,broker,fixtures,operators,testing} language/index.ts language/{generated,metastore,text,types}`,
  ],
  ['engine/cli/printing', 'engine/{api,script,testing} language/{diagnostics,text} node:'],
  ['engine/cli/topics', 'engine/api/topics engine/testing/recording engine/{api,fixtures,script} node:'],
  [
    'engine/cli/engines',
    `engine/api/cluster engine/index.ts engine/open-engine.ts engine/serde/registry engine/{api,functions,rest,script,tls}
     language/index.ts language/metastore node:`,
  ],
  ['engine/tools', 'engine/api/snapshot engine/{api,script} language/index.ts language/{metastore,text}'],
  [
    'engine/cli/threads',
    `engine/api/{cluster,port} engine/cli/engines engine/index.ts engine/rest/port engine/serde/registry
     engine/{api,metrics,script} node:`,
  ],
  [
    'engine/cli',
    `@modelcontextprotocol/server commander engine/broker/{embedded,listener,redpanda} engine/api/snapshot
     engine/cli/{engines,printing,threads,topics} engine/index.ts engine/rest/http
     engine/{api,broker,files,fixtures,functions,memory,metrics,rest,script,testing,tools} language/index.ts
     language/java/regex
     language/{diagnostics,documentation,functions,metastore,notebook,parser,project,query,script,text} node:`,
  ],
  ['client/page', 'vscode @vscode/l10n'],
  ['client/charts', ''],
  ['client/results', 'client/{charts,page} engine/api language/{script,text} node: vscode @vscode/l10n'],
  [
    'client/statements',
    'language/index.ts language/{functions,metastore,notebook,parser,project,script,text} node: vscode',
  ],
  [
    'client/connections',
    'client/{page,statements} engine/api/snapshot engine/api language/metastore node: vscode @vscode/l10n',
  ],
  [
    'client/commands',
    `client/{connections,results,statements} engine/api/snapshot engine/api
     language/{metastore,parser,project,script,text} node:
     server/protocol.ts vscode`,
  ],
  ['client/explorer', 'client/{commands,connections,statements} engine/api language/{metastore,text} vscode'],
  [
    'client/dashboard',
    'client/{charts,connections,page,results,statements} engine/api language/script node: server/protocol.ts vscode',
  ],
  ['client/history', 'client/{commands,results,statements} engine/api vscode'],
  ['client/tools', 'client/{connections,statements} engine/tools vscode'],
  [
    'client/topics',
    'client/{commands,connections,page,results} engine/api engine/api/topics engine/fixtures language/text vscode @vscode/l10n',
  ],
  [
    'client/testing',
    `client/{connections,results,statements} engine/api engine/api/topics engine/script/triple-files.ts
     language/{notebook,parser} node: vscode`,
  ],
  [
    'client/notebooks',
    'client/{commands,results,statements} engine/api language/notebook vscode vscode-languageclient',
  ],
  ['client/markdown', 'client/{commands,page,statements} language/parser node: vscode'],
  [
    'client',
    `language/index.ts language/functions
     client/{commands,connections,dashboard,explorer,history,markdown,notebooks,page,results,statements,testing,topics}
     server/protocol.ts vscode vscode-languageclient`,
  ],
  [
    'client/desktop',
    `client client/{commands,connections,markdown,statements,testing,tools} node: vscode vscode-languageclient`,
  ],
  [
    'client/browser',
    'client client/connections engine/api engine/api/port engine/browser vscode vscode-languageclient',
  ],
  ['client/webview/elements', 'client/results/display.ts'],
  ['client/webview/charts', '@vscode/l10n client/charts client/results/display.ts client/webview/elements uplot'],
  [
    'client/webview',
    `@vscode/l10n client/charts client/connections/sandbox-step.ts client/results/{display,messages,row-count}.ts
     client/webview/{charts,elements} engine/api/row-count.ts`,
  ],
  [
    'client/webview/topics',
    '@vscode/l10n client/topics/topic-messages.ts client/webview client/webview/elements engine/api/row-count.ts',
  ],
  [
    'client/webview/dashboard',
    `@vscode/l10n client/charts client/dashboard client/results/row-count.ts client/webview
     client/webview/{charts,elements}`,
  ],
  [
    'client/webview/notebooks',
    '@vscode/l10n client/notebooks/output-types.ts client/results/{display,messages}.ts client/webview client/webview/elements',
  ],
];

/**
 * Parts of the language that other packages may use. The rest is reached through them, or through `language/index.ts`.
 */
export const ENTRY_POINTS = `
  language/index.ts language/{types,metastore,settings,documentation,diagnostics,names,project}
  language/text/{analysis-error,diagnostic,error-place,identifier-text,json-columns,suggestions,text-range,tokens}.ts
  language/functions/{catalogue,declared,function}.ts language/generated/ast.ts
  language/hints/ignored.ts
  language/parser/{expected-tokens,parse-script,property-range,split-statements,statement-form,statement-roles,substitute-variables,test-blocks,verbs}.ts
  language/binding/{binder,expression,expression-tree,function-signature,generics,scope,type-names}.ts
  language/query/{analyzed,column-names,lineage,pull-condition,statement-context,window-clauses}.ts
  language/format/{source-facts,statement-text}.ts
  language/statements/{query-control,alter,create-as,create-source,failed-expression,injected-properties,printed-query}.ts
  language/statements/{source-columns,with-entries}.ts
  language/script/{analyze-statement,answer-key,deprecations,metastore-after,preparation}.ts
  language/script/{session-change,session-state}.ts
  language/notebook/{joined-cells,pinned-snapshots,script-cells,snapshot}.ts
  language/java/regex/{is-within-character,java-regex,step-limit}.ts language/java/text/json-text.ts language/java/time/date-pattern.ts
`;

/** Names with braces, written out. */
export const namesIn = (text: string): string[] =>
  text.split(/\s+/).flatMap((word) => {
    const [, before = '', list, after = ''] = /^(.*)\{(.+)\}(.*)$/.exec(word) ?? [];
    if (list !== undefined) return list.split(',').map((name) => `${before}${name}${after}`);
    return word === '' ? [] : [word];
  });
