/**
 * The notices that the licences of bundled packages ask for: which packages went into the bundles, under which licence,
 * with its text. A licence outside the list, or a package that names none, fails the build.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import licenses from 'spdx-license-list/full.js';
import satisfies from 'spdx-satisfies';

/** Licences whose conditions a notice meets. Fonts and data are under licences of works, not of programs. */
const ALLOWED = [
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'Unlicense',
  'CC0-1.0',
  'CC-BY-4.0',
  'BlueOak-1.0.0',
];

interface Package {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly author: string | undefined;
  readonly homepage: string | undefined;
  readonly text: string;
}

/**
 * The notices of all packages that files come from.
 *
 * @param root the checkout
 * @param files bundled or copied files, as paths from the root; those outside of `node_modules` are the project's own
 * @returns the text of the notices, packages in the order of their names
 * @throws Error that names each package whose licence is not among the allowed ones, or is missing
 */
export function thirdPartyNotices(root: string, files: Iterable<string>): string {
  const folders = new Set([...files].map(packageFolder).filter((folder) => folder !== undefined));
  const packages = [...folders].map((folder) => readPackage(path.join(root, folder)));
  const refused = packages.filter(({ license }) => !isAllowed(license));
  if (refused.length > 0) {
    const list = refused
      .map(({ name, version, license }) => `${name}@${version} (${license || 'none named'})`)
      .join(', ');
    throw new Error(`Licences that are not on the list in scripts/third-party-notices.ts: ${list}`);
  }
  const unique = new Map(packages.map((each) => [`${each.name}@${each.version}`, each]));
  const sorted = [...unique.keys()].sort().map((key) => unique.get(key)!);
  return [HEADING, ...sorted.map(notice)].join(`\n${'-'.repeat(80)}\n\n`);
}

const HEADING = `KSQL Workbench contains the following third-party software, fonts and data.
Each is listed with its licence and the notices that come with it.
`;

/** The folder of the package that a file is part of; undefined for the project's own files. */
function packageFolder(file: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file.split(path.sep).join('/'))?.[0];
}

function isAllowed(license: string): boolean {
  try {
    return satisfies(license, ALLOWED);
  } catch {
    return false;
  }
}

function readPackage(folder: string): Package {
  const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const { name, version, author, homepage } = manifest;
  // Before there was `license`, packages had a list.
  const license: string = manifest.license ?? manifest.licenses?.[0]?.type ?? '';
  const authorName = typeof author === 'string' ? author : author?.name;
  return { name, version, license, homepage, author: authorName, text: licenseText(folder, license, authorName) };
}

/** What the package says in files of its own, notices included; else the text that its licence has for everybody. */
function licenseText(folder: string, license: string, author: string | undefined): string {
  const own = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|copying|notice|thirdpartynotice)/i.test(file) && !/\.(js|ts|json)$/.test(file))
    .sort()
    .map((file) => readFileSync(path.join(folder, file), 'utf8').trim());
  if (own.length > 0) return own.join('\n\n');
  const general = licenses[license]?.licenseText ?? '';
  return author === undefined ? general : `Copyright ${author}\n\n${general}`;
}

function notice({ name, version, license, homepage, text }: Package): string {
  return `${name} ${version}\nLicence: ${license}\n${homepage === undefined ? '' : `${homepage}\n`}\n${text}\n`;
}
