package main

import (
	"context"
	"strconv"
	"time"

	"github.com/Azure/go-amqp"
)

// useEngine signs in with a key, settles in every way, drains and closes.
func useEngine(ctx context.Context, url, user, key, hub string) map[string]any {
	const count = 4
	connection := must(amqp.Dial(ctx, url, &amqp.ConnOptions{SASLType: amqp.SASLTypePlain(user, key), MaxFrameSize: 512}))
	session := must(connection.NewSession(ctx, nil))
	target, source := hub+"/Partitions/3", hub+"/ConsumerGroups/$Default/Partitions/3"

	senders := []amqp.SenderSettleMode{amqp.SenderSettleModeUnsettled, amqp.SenderSettleModeMixed, amqp.SenderSettleModeSettled}
	for _, mode := range senders {
		sender := must(session.NewSender(ctx, target, &amqp.SenderOptions{SettlementMode: mode.Ptr()}))
		for i := range count {
			// Longer than a frame.
			body := append([]byte(strconv.Itoa(i)), make([]byte, 1000)...)
			check(sender.Send(ctx, amqp.NewMessage(body), &amqp.SendOptions{Settled: mode == amqp.SenderSettleModeSettled}))
		}
		check(sender.Close(ctx))
	}

	total := count * len(senders)
	received := map[string]int{}
	for name, options := range map[string]*amqp.ReceiverOptions{
		"no mode":        {Credit: 5},
		"settles first":  {Credit: 5, RequestedSenderSettleMode: amqp.SenderSettleModeUnsettled.Ptr(), SettlementMode: amqp.ReceiverSettleModeFirst.Ptr()},
		"settles second": {Credit: 5, RequestedSenderSettleMode: amqp.SenderSettleModeUnsettled.Ptr(), SettlementMode: amqp.ReceiverSettleModeSecond.Ptr()},
		"pre-settled":    {Credit: 5, RequestedSenderSettleMode: amqp.SenderSettleModeSettled.Ptr()},
	} {
		receiver := must(session.NewReceiver(ctx, source, options))
		for range total {
			message := must(receiver.Receive(ctx, nil))
			check(receiver.AcceptMessage(ctx, message))
			if len(message.GetData()) == 1001 {
				received[name]++
			}
		}
		check(receiver.Close(ctx))
	}

	drained := drain(ctx, session, source, total)
	_, err := session.NewReceiver(ctx, "missing/ConsumerGroups/$Default/Partitions/3", nil)
	if err == nil {
		// The refusal is a detach that follows the answer.
		panic("taken")
	}
	check(session.Close(ctx))
	check(connection.Close())
	return map[string]any{"received": received, "drained": drained, "refused": conditionOf(err)}
}

// drain asks for more than there is, and says whether the rest of the credit was given back.
func drain(ctx context.Context, session *amqp.Session, source string, total int) string {
	receiver := must(session.NewReceiver(ctx, source, &amqp.ReceiverOptions{Credit: -1}))
	check(receiver.IssueCredit(uint32(total + 100)))
	for range total {
		check(receiver.AcceptMessage(ctx, must(receiver.Receive(ctx, nil))))
	}
	soon, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	// Its flow names no credit: what was given before is meant.
	err := receiver.DrainCredit(soon, nil)
	check(receiver.Close(ctx))
	if err != nil {
		return err.Error()
	}
	return "yes"
}
