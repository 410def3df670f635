/**
 * The notices of all packages that files come from.
 *
 * @param root the checkout
 * @param files bundled or copied files, as paths from the root; those outside of `node_modules` are the project's own
 * @returns the text of the notices, packages in the order of their names
 * @throws Error that names each package whose licence is not among the allowed ones, or is missing
 */
export declare function thirdPartyNotices(root: string, files: Iterable<string>): string;
