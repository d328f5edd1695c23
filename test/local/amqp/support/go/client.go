package main

import (
	"context"
	"sort"
	"strconv"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azeventhubs/v2"
)

const partition = "2"

// useClient sends, receives, balances and closes with azeventhubs and the unchanged connection string.
func useClient(ctx context.Context, connectionString string, total int) map[string]any {
	producer := must(azeventhubs.NewProducerClientFromConnectionString(connectionString, "", nil))
	consumer := newConsumer(connectionString, azeventhubs.DefaultConsumerGroup)
	properties := must(producer.GetEventHubProperties(ctx, nil))
	send(ctx, producer, total)
	last := must(producer.GetPartitionProperties(ctx, partition, nil)).LastEnqueuedSequenceNumber
	received, inOrder := receive(ctx, consumer, total)
	refused := refusal(ctx, newConsumer(connectionString, "missing"))
	owners := balance(ctx, connectionString)
	check(producer.Close(ctx))
	check(consumer.Close(ctx))
	return map[string]any{
		"hub":        properties.Name,
		"partitions": properties.PartitionIDs,
		"last":       last,
		"received":   received,
		"inOrder":    inOrder,
		"refused":    refused,
		"owners":     owners,
	}
}

func newConsumer(connectionString, group string) *azeventhubs.ConsumerClient {
	return must(azeventhubs.NewConsumerClientFromConnectionString(connectionString, "", group, nil))
}

func send(ctx context.Context, producer *azeventhubs.ProducerClient, total int) {
	options := &azeventhubs.EventDataBatchOptions{PartitionID: to.Ptr(partition)}
	for sent := 0; sent < total; {
		batch := must(producer.NewEventDataBatch(ctx, options))
		for ; sent < total && batch.NumEvents() < 100; sent++ {
			check(batch.AddEventData(&azeventhubs.EventData{Body: []byte(strconv.Itoa(sent))}, nil))
		}
		check(producer.SendEventDataBatch(ctx, batch, nil))
	}
}

// receive takes many times what the client fetches ahead. It names no settle mode and settles nothing.
func receive(ctx context.Context, consumer *azeventhubs.ConsumerClient, total int) (count int, inOrder bool) {
	first := azeventhubs.StartPosition{Earliest: to.Ptr(true)}
	client := must(consumer.NewPartitionClient(partition, &azeventhubs.PartitionClientOptions{StartPosition: first}))
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	inOrder = true
	for count < total {
		events, err := client.ReceiveEvents(ctx, 100, nil)
		for _, event := range events {
			inOrder = inOrder && string(event.Body) == strconv.Itoa(count) && event.SequenceNumber == int64(count)
			count++
		}
		if err != nil {
			break
		}
	}
	check(client.Close(context.Background()))
	return count, inOrder
}

func refusal(ctx context.Context, consumer *azeventhubs.ConsumerClient) string {
	client := must(consumer.NewPartitionClient(partition, nil))
	_, err := client.ReceiveEvents(ctx, 1, nil)
	check(consumer.Close(ctx))
	return conditionOf(err)
}

// balance lets two processors share the partitions, and says how many each of them has in the end.
func balance(ctx context.Context, connectionString string) []int {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	store := &memoryStore{owners: map[string]azeventhubs.Ownership{}}
	var running sync.WaitGroup
	for range 2 {
		consumer := newConsumer(connectionString, "second")
		processor := must(azeventhubs.NewProcessor(consumer, store, &azeventhubs.ProcessorOptions{
			UpdateInterval: 50 * time.Millisecond,
		}))
		running.Add(2)
		go func() {
			defer running.Done()
			for client := processor.NextPartitionClient(ctx); client != nil; client = processor.NextPartitionClient(ctx) {
				running.Add(1)
				go func() {
					defer running.Done()
					for _, err := client.ReceiveEvents(ctx, 1, nil); err == nil; _, err = client.ReceiveEvents(ctx, 1, nil) {
					}
					_ = client.Close(context.Background())
				}()
			}
		}()
		go func() {
			defer running.Done()
			_ = processor.Run(ctx)
			_ = consumer.Close(context.Background())
		}()
	}
	counts := store.counts()
	for !(len(counts) == 2 && counts[0] == 2 && counts[1] == 2) && ctx.Err() == nil {
		time.Sleep(20 * time.Millisecond)
		counts = store.counts()
	}
	stop()
	running.Wait()
	return counts
}

// memoryStore keeps who owns which partition.
type memoryStore struct {
	mutex  sync.Mutex
	owners map[string]azeventhubs.Ownership
	etag   int
}

func (store *memoryStore) counts() []int {
	store.mutex.Lock()
	defer store.mutex.Unlock()
	byOwner := map[string]int{}
	for _, ownership := range store.owners {
		byOwner[ownership.OwnerID]++
	}
	counts := []int{}
	for _, count := range byOwner {
		counts = append(counts, count)
	}
	sort.Ints(counts)
	return counts
}

func (store *memoryStore) ClaimOwnership(_ context.Context, wanted []azeventhubs.Ownership, _ *azeventhubs.ClaimOwnershipOptions) ([]azeventhubs.Ownership, error) {
	store.mutex.Lock()
	defer store.mutex.Unlock()
	claimed := []azeventhubs.Ownership{}
	for _, ownership := range wanted {
		current, taken := store.owners[ownership.PartitionID]
		if taken && (ownership.ETag == nil || *ownership.ETag != *current.ETag) {
			continue
		}
		store.etag++
		ownership.ETag = to.Ptr(azcore.ETag(strconv.Itoa(store.etag)))
		ownership.LastModifiedTime = time.Now()
		store.owners[ownership.PartitionID] = ownership
		claimed = append(claimed, ownership)
	}
	return claimed, nil
}

func (store *memoryStore) ListOwnership(context.Context, string, string, string, *azeventhubs.ListOwnershipOptions) ([]azeventhubs.Ownership, error) {
	store.mutex.Lock()
	defer store.mutex.Unlock()
	all := []azeventhubs.Ownership{}
	for _, ownership := range store.owners {
		all = append(all, ownership)
	}
	return all, nil
}

func (store *memoryStore) ListCheckpoints(context.Context, string, string, string, *azeventhubs.ListCheckpointsOptions) ([]azeventhubs.Checkpoint, error) {
	return nil, nil
}

func (store *memoryStore) SetCheckpoint(context.Context, azeventhubs.Checkpoint, *azeventhubs.SetCheckpointOptions) error {
	return nil
}
