/** The themes of VS Code in which the suites look at things. */
export const THEMES = {
  dark: 'Default Dark Modern',
  light: 'Default Light Modern',
  highContrast: 'Default High Contrast',
} as const;
