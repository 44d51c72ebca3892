/** What everybody does at the panel, in a browser. */
import type { Page } from 'playwright-core';

type Login = { readonly email: string; readonly password: string; readonly code?: string };

/** @param address null: the login page is open already */
export const sendPassword = async (
  page: Page,
  { email, password }: Login,
  address: string | null = '/admin/login',
): Promise<void> => {
  if (address !== null) await page.goto(address);
  await page.getByLabel('Mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
};

/** Resolves on the dashboard, or where a one-time password has to be changed. */
export const logIn = async (page: Page, login: Login): Promise<void> => {
  await sendPassword(page, login);
  if (login.code !== undefined) {
    await page.locator('#code').fill(login.code);
    await page.getByRole('button', { name: 'Log in' }).click();
  }
  await page.waitForURL(/\/admin\/(?:dashboard|account\/password)$/);
};

export const logOut = async (page: Page): Promise<void> => {
  await page.locator('.account-menu summary').click();
  await page.getByRole('button', { name: 'Log out' }).first().click();
  await page.waitForURL(/\/admin\/login/);
};

/** Of the form that is open; resolves when it was saved. */
export const press = async (page: Page, button: string): Promise<void> => {
  await Promise.all([
    page.waitForResponse((response) => response.request().method() === 'POST' && response.status() === 303),
    page.locator('form[data-record-form]').getByRole('button', { name: button, exact: true }).click(),
  ]);
  await page.getByText('Saved.', { exact: true }).waitFor();
};
