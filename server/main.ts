import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { NODE_FILES } from './node-files.ts';
import { NODE_FUNCTIONS } from './node-functions.ts';
import { serve } from './serve.ts';

/** The pages of documentation that come with the server. */
const pages = new URL('../docs/diagnostics', import.meta.url);

serve(createConnection(ProposedFeatures.all), { diagnosticPage: `${pages}/{code}.md` }, NODE_FILES, NODE_FUNCTIONS);
