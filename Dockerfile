# smsgate as a container; docs/install.md says how it is run. All it keeps is in /data, and a settings.ini there is read.
FROM python:3.12-slim AS build
WORKDIR /source
COPY . .
RUN python -m venv --without-pip /opt/smsgate \
 && pip --python /opt/smsgate/bin/python install --no-cache-dir --constraint constraints.txt '.[postgresql]'

FROM python:3.12-slim
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin smsgate \
 && install --directory --mode 0700 --owner smsgate --group smsgate /data
COPY --from=build /opt/smsgate /opt/smsgate
ENV PATH=/opt/smsgate/bin:$PATH SMSGATE_SERVICE_HOST=0.0.0.0 SMSGATE_SERVICE_PORT=8000
WORKDIR /data
VOLUME /data
USER 10001:10001
EXPOSE 8000
# 200 also while no letters go out: to start again would not help then, and /healthz tells the monitor.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["python", "-c", "\
import http.client; asked = http.client.HTTPConnection('127.0.0.1', 8000, timeout=4); \
asked.request('GET', '/healthz'); raise SystemExit(asked.getresponse().status != 200)"]
ENTRYPOINT ["smsgate"]
CMD ["serve"]
