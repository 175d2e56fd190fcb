import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { postJson, signUp } from '../support/accounts.js';
import { type DeliveredMail, mailsIn } from '../support/delivered-mail.js';
import { type ServiceProcess, startService } from '../support/processes.js';
import { logIn } from '../support/requests.js';
import { TemporaryFolder } from '../support/temporary-folder.js';
import { until } from '../support/until.js';

describe('The built service, where anyone may sign up', () => {
  let folder: TemporaryFolder;
  let service: ServiceProcess;

  beforeAll(async () => {
    folder = new TemporaryFolder();
    service = await startService(folder, {
      REGISTRATION: 'open',
      EMAIL_VERIFICATION: 'required',
      APP_URL: 'https://app.example.com',
    });
  });
  afterAll(async () => {
    await service.end();
    await folder.remove();
  });

  const mailNumber = (count: number): Promise<DeliveredMail> =>
    until(async () => (await mailsIn(folder.join('mail')))[count - 1] ?? false);

  it('mails a link, and lets the person in once it was followed', async () => {
    const alex = { username: 'alex', email: 'alex@example.com' };
    expect((await signUp(service, alex)).status).toBe(202);
    expect((await logIn(service.url)).status).toBe(401);
    const { token, to } = await mailNumber(1);
    expect(to).toBe('alex@example.com');
    // The bundle calls some classes otherwise.
    const sent = await until(
      () => service.log.find(({ msg }) => msg === 'mail written to a file') ?? false,
    );
    expect(sent).toMatchObject({ context: 'DeliveryAttempt', kind: 'sign_up' });
    expect((await postJson(service, '/email-verification/confirm', { token })).status).toBe(204);
    expect((await logIn(service.url)).status).toBe(200);
  });

  it('mails a link for a new password, valid once', async () => {
    expect((await postJson(service, '/password-reset', { email: 'alex@example.com' })).status).toBe(
      202,
    );
    const { token } = await mailNumber(2);
    const body = { token, new_password: 'staple battery horse' };
    expect((await postJson(service, '/password-reset/confirm', body)).status).toBe(204);
    expect((await postJson(service, '/password-reset/confirm', body)).status).toBe(400);
    expect((await logIn(service.url, { password: 'staple battery horse' })).status).toBe(200);
  });
});
