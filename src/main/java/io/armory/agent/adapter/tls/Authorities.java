package io.armory.agent.adapter.tls;

import io.armory.agent.disk.RegularFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// TLS that trusts the authorities of one file, and no others, or else those of the Java runtime.
public final class Authorities {
  private static final int MOST_BYTES = 4 * RegularFile.MIB;

  private Authorities() {}

  /// The file says nothing that can be trusted. The message says why, without the file's name.
  public static final class Unusable extends IOException {
    private static final long serialVersionUID = 1L;

    private Unusable(Exception cause) {
      super(cause instanceof NoSuchFileException ? "no such file" : cause.getMessage(), cause);
    }
  }

  /// @param file certificates in PEM; empty: the runtime's
  public static SSLContext context(Optional<Path> file) throws Unusable, GeneralSecurityException {
    if (file.isEmpty()) {
      return SSLContext.getDefault();
    }
    var context = SSLContext.getInstance("TLS");
    var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(read(file.get()));
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  private static KeyStore read(Path file) throws Unusable, GeneralSecurityException {
    var store = KeyStore.getInstance(KeyStore.getDefaultType());
    try {
      var in = new ByteArrayInputStream(RegularFile.read(file, MOST_BYTES));
      store.load(null, null);
      var number = 0;
      for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        store.setCertificateEntry("ca-" + number++, certificate);
      }
      if (number == 0) {
        throw new CertificateException("no certificate in it");
      }
      return store;
    } catch (IOException | CertificateException e) {
      throw new Unusable(e);
    }
  }
}
