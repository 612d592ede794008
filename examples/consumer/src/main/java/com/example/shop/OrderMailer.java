package com.example.shop;

import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.util.Properties;

/** Confirms orders. */
public final class OrderMailer {

    private static final int ATTEMPTS = 3;

    private final int port;

    /**
     * Makes a mailer.
     *
     * @param port where the relay listens on this machine
     */
    public OrderMailer(int port) {
        this.port = port;
    }

    /**
     * Confirms an order, by three attempts at most.
     *
     * @param customer the customer's address
     * @param order the order's number
     * @throws MessagingException what the last attempt failed for
     */
    public void confirm(String customer, int order) throws MessagingException {
        for (int attempt = 1; ; attempt++) {
            try {
                send(customer, order);
                return;
            } catch (MessagingException e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private void send(String customer, int order) throws MessagingException {
        Properties properties = new Properties();
        properties.put("mail.smtp.host", "127.0.0.1");
        properties.put("mail.smtp.port", String.valueOf(port));
        MimeMessage message = new MimeMessage(Session.getInstance(properties));
        message.setFrom(new InternetAddress("orders@shop.example"));
        message.setRecipient(Message.RecipientType.TO, new InternetAddress(customer));
        message.setSubject("Order " + order);
        message.setText("Thank you for order " + order + ".");
        Transport.send(message);
    }
}
