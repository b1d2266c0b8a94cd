using RftConsole.Training.Datasets.Inspection;

namespace RftConsole.Tests.Datasets.Inspection;

public sealed class PersonalDataTests
{
    /// <summary>Numbers that the card companies and standards bodies publish as examples.</summary>
    [Theory]
    [InlineData("Write to ann.lee+orders@mail.example.com.", "EmailAddress")]
    [InlineData("<ann@example.org>", "EmailAddress")]
    [InlineData("Card 4111 1111 1111 1111, valid 12/27", "CardNumber")]
    [InlineData("5555555555554444", "CardNumber")]
    [InlineData("3782-822463-10005", "CardNumber")]
    [InlineData("6011000990139424", "CardNumber")]
    [InlineData("Call +1-555-010-4477 now", "PhoneNumber")]
    [InlineData("+49 30 901820", "PhoneNumber")]
    [InlineData("+44 (20) 7946 0018", "PhoneNumber")]
    [InlineData("(555) 010-4477", "PhoneNumber")]
    [InlineData("555-010-4477", "PhoneNumber")]
    [InlineData("Tel. 030/901820", "PhoneNumber")]
    [InlineData("DE89 3704 0044 0532 0130 00", "Iban")]
    [InlineData("to GB82WEST12345698765432 please", "Iban")]
    [InlineData("SSN 078-05-1120", "SocialSecurityNumber")]
    public void What_looks_like_personal_data_is_found(string text, string kind) =>
        Assert.Equal(Enum.Parse<PersonalDataKinds>(kind), PersonalDataPatterns.Find(text));

    [Theory]
    [InlineData("")]
    [InlineData("an @ sign, @everyone, a@b, x@, @example.com")]
    [InlineData("4111 1111 1111 1112")] // the check digit is wrong
    [InlineData("1234567812345670")] // passes Luhn, but no issuer's numbers begin so
    [InlineData("3.14159265358979323846")]
    [InlineData("1,234,567,890 + 55 = ?")]
    [InlineData("On 2024-07-26 at 12:00:00, version 10.0.15.2")]
    [InlineData("9007199254740993 and 18446744073709551615")]
    [InlineData("DE89 3704 0044 0532 0130 01")]
    [InlineData("000-12-3456, 123-45-67890, 900-11-1111")]
    [InlineData("x = 555 - 010 - 4477")]
    public void Numbers_and_signs_of_other_kinds_are_not(string text) =>
        Assert.Equal(PersonalDataKinds.None, PersonalDataPatterns.Find(text));

    /// <summary>A pattern that backtracks would be at it for hours.</summary>
    [Theory]
    [InlineData("a")]
    [InlineData("1")]
    [InlineData("@")]
    [InlineData("a@")]
    [InlineData("1 ")]
    [InlineData("+1")]
    [InlineData("(1")]
    [InlineData("A1")]
    [InlineData("-1.")]
    [InlineData("DE89 ")]
    [InlineData("a.")]
    [InlineData("555-")]
    public void Any_text_of_two_megabytes_is_looked_through(string part) =>
        Assert.Equal(PersonalDataKinds.None, PersonalDataPatterns.Find(string.Concat(Enumerable.Repeat(part, 2_000_000 / part.Length))));
}
