/** A line that begins like this starts a statement of its own, whatever is missing before it. */
export const NEXT_STATEMENT = /\n(?=(?:CREATE|SELECT|INSERT|DROP|SHOW|LIST|DESCRIBE|PRINT|SET|EXPLAIN|TERMINATE)\b)/i;
