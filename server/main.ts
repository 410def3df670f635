import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { serve } from './serve.ts';

/** The pages of documentation that come with the server. */
const pages = new URL('../docs/diagnostics', import.meta.url);

serve(createConnection(ProposedFeatures.all), { diagnosticPage: `${pages}/{code}.md` });
