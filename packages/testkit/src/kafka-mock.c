/* Kafka's protocol by librdkafka's mock cluster: three brokers without a disk. Prints its brokers, then
 * takes lines: "topic NAME PARTITIONS", "down BROKER", "up BROKER", "leader TOPIC PARTITION BROKER". Ends
 * with its standard input. */
#include <stdio.h>
#include <string.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

int main(void) {
  char error[256], line[256], word[128];
  int number, broker;
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  rd_kafka_t *client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
  rd_kafka_mock_cluster_t *cluster = rd_kafka_mock_cluster_new(client, 3);
  /* From version 4 of ListOffsets on, this mock writes the leader epoch as 64 bits. */
  rd_kafka_mock_set_apiversion(cluster, 2, 0, 3);
  printf("%s\n", rd_kafka_mock_cluster_bootstraps(cluster));
  fflush(stdout);
  while (fgets(line, sizeof line, stdin)) {
    if (sscanf(line, "topic %127s %d", word, &number) == 2)
      rd_kafka_mock_topic_create(cluster, word, number, 3);
    else if (sscanf(line, "leader %127s %d %d", word, &number, &broker) == 3)
      rd_kafka_mock_partition_set_leader(cluster, word, number, broker);
    else if (sscanf(line, "down %d", &number) == 1)
      rd_kafka_mock_broker_set_down(cluster, number);
    else if (sscanf(line, "up %d", &number) == 1)
      rd_kafka_mock_broker_set_up(cluster, number);
    printf("ok\n");
    fflush(stdout);
  }
  rd_kafka_mock_cluster_destroy(cluster);
  rd_kafka_destroy(client);
  return 0;
}
