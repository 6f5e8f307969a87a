package io.armory.agent.adapter.aws;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;

/// Ends an answer that is longer than any of AWS's can be, before it fills the memory: the SDK
/// reads a body to its end.
///
/// @param most bytes of one body
record BoundedBodies(SdkHttpClient transport, long most) implements SdkHttpClient {
  @Override
  public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
    var prepared = transport.prepareRequest(request);
    return new ExecutableHttpRequest() {
      @Override
      public HttpExecuteResponse call() throws IOException {
        return bounded(prepared.call());
      }

      @Override
      public void abort() {
        prepared.abort();
      }
    };
  }

  private HttpExecuteResponse bounded(HttpExecuteResponse answer) {
    var body = answer.responseBody();
    return body.isEmpty()
        ? answer
        : HttpExecuteResponse.builder()
            .response(answer.httpResponse())
            .responseBody(AbortableInputStream.create(new Bounded(body.get(), most), body.get()))
            .build();
  }

  @Override
  public String clientName() {
    return transport.clientName();
  }

  @Override
  public void close() {
    transport.close();
  }

  private static final class Bounded extends FilterInputStream {
    private final long most;
    private long left;

    Bounded(InputStream in, long most) {
      super(in);
      this.most = most;
      this.left = most;
    }

    @Override
    public int read() throws IOException {
      var one = super.read();
      count(one < 0 ? 0 : 1);
      return one;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
      var read = super.read(into, from, length);
      count(Math.max(read, 0));
      return read;
    }

    private void count(int read) throws IOException {
      left -= read;
      if (left < 0) {
        throw new IOException("the answer is longer than " + most + " bytes");
      }
    }
  }
}
