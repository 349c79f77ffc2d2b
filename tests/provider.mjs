// A real identity provider on loopback for the tests: `node tests/provider.mjs CONFIGURATION`, as JSON. It writes "ready" when it answers.
import { Provider } from "oidc-provider";

const { port, client, accounts } = JSON.parse(process.argv[2]);
const provider = new Provider(`http://localhost:${port}`, {
  clients: [client],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["preferred_username", "groups"] },
  conformIdTokenClaims: false,
  cookies: { keys: ["only for tests"] },
  features: { backchannelLogout: { enabled: true }, devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
  fetch: (address, { dispatcher: _refusesLoopback, ...options }) => fetch(address, options),
  async findAccount(_context, sub) {
    return { accountId: sub, claims: async () => ({ sub, ...accounts[sub] }) };
  },
});
provider.listen(port, "127.0.0.1", () => console.log("ready"));
