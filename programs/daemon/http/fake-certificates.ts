/** Certificates in memory, without a word to any authority. */
import { BerthError } from '@berth/core';
import type { Platform } from '@berth/operations';
import type { Certificate } from '@berth/protocol';

type CertificateRoutes = Pick<
  Platform,
  'certificates' | 'setCertificate' | 'renewCertificate' | 'checkCertificate' | 'removeCertificate'
>;

/** `note` is told what was asked for. The host elsewhere.example.com leads elsewhere. */
export const createFakeCertificates = (note: (asked: string) => void): CertificateRoutes => {
  const certificates = new Map<string, Certificate>();
  const made = (host: string, kind: Certificate['kind'], renewal: Certificate['renewal']): Certificate => ({
    host,
    kind,
    names: [host],
    issuer: 'CN=Test',
    notAfter: AT,
    renewal,
  });
  return {
    certificates: async () => [...certificates.values()],
    setCertificate: async (host, { chain, key }) => {
      note(`certificate ${host} ${chain.trim()} ${key.trim()}`);
      const certificate = made(host, 'own', null);
      certificates.set(host, certificate);
      return certificate;
    },
    renewCertificate: async (host) => {
      note(`renew ${host}`);
      return made(host, 'acme', { isRunning: false, at: AT, failure: null });
    },
    checkCertificate: async (host) => {
      note(`check ${host}`);
      const ok = host !== 'elsewhere.example.com';
      const finding = {
        level: 'error' as const,
        code: 'CERTIFICATE_DNS_ELSEWHERE',
        message: `${host} leads elsewhere`,
        hint: 'change it',
      };
      return { host, addresses: ['192.0.2.1'], ok, findings: ok ? [] : [finding] };
    },
    removeCertificate: async (host) => {
      if (!certificates.delete(host))
        throw new BerthError('CERTIFICATE_NOT_FOUND', `no certificate for ${host}`, { hint: 'see berth cert list' });
    },
  };
};

const AT = '2030-01-02T03:04:05.000Z';
