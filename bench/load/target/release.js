export const release = 'r0';
