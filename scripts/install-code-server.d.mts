/** The script that starts code-server, installed when it is nowhere; undefined when it cannot be. */
export declare function codeServerEntry(): string | undefined;
