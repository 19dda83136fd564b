/**
 * A key and a certificate for 127.0.0.1 that nobody trusts but who is told to
 * (`NODE_EXTRA_CA_CERTS`).
 *
 * Made for tests alone, valid for a hundred years; the key is no secret.
 */
export const LOCAL_TLS = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg9OG0d8chkpoZ6SMB
FRqKRT5K6sNYFRJovf5r3gwpdkqhRANCAAThFeW+RwVRjB0BPFyF5Mrco0S4RYfo
ZtjUVxW6ldVQOv2jcaSeJL/ZjULX3f/heqX/7iNSl+qg80yfHsab+gxX
-----END PRIVATE KEY-----
`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUTvVxpbNIlADeepNG4NNonVq+86swCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyOTIwMjcxM1oYDzIxMjYxMTA1
MjAyNzEzWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAThFeW+RwVRjB0BPFyF5Mrco0S4RYfoZtjUVxW6ldVQOv2jcaSeJL/Z
jULX3f/heqX/7iNSl+qg80yfHsab+gxXo28wbTAdBgNVHQ4EFgQUEvLzEWG12nh5
2j5XOEJ6vnyt32UwHwYDVR0jBBgwFoAUEvLzEWG12nh52j5XOEJ6vnyt32UwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARhwR/AAABgglsb2NhbGhvc3QwCgYIKoZI
zj0EAwIDSAAwRQIhAMHY/GLlJlG8CZNJ1PHku6o0Ive3RRylzi8lz8JcMG0jAiBA
oLgMhEFewX53/x/m0E1leswB5BAuaq15aDi6xxa80Q==
-----END CERTIFICATE-----
`,
} as const
